import { EngineError, UnsupportedError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import type { Shape } from "../tensor.ts";
import type { Address, Buffer } from "./buffer.ts";
import type { Constant } from "./constants.ts";
import type { Wish } from "./frames.ts";
import { layoutOf, type MapLayout, numberTypeOf, spread } from "./layout.ts";
import type { Lowerings } from "./lower.ts";

/** Where values lie: the buffers of results, the constants made of weights, and what keeps its place from run to run. */
export class Values {
  readonly graph: Graph;
  readonly buffers: Buffer[] = [];
  readonly constants: Constant[] = [];
  /** Values that keep their place from run to run: parameters read as they are, and results that ask for a place. */
  readonly residents: (Buffer & { readonly name: string })[] = [];
  readonly #values = new Map<string, Buffer>();
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #lowerings: Lowerings;

  constructor(graph: Graph, wishes: ReadonlyMap<string, Wish>, lowerings: Lowerings) {
    this.graph = graph;
    this.#wishes = wishes;
    this.#lowerings = lowerings;
  }

  /** Reserves places that last for some parameters, in their order, and then for their gradients. */
  reserve(gradients: ReadonlyMap<string, string>): void {
    for (const name of gradients.keys()) this.#resident(name, this.#layoutOfParam(name));
    for (const [name, gradient] of gradients) this.#resident(gradient, this.#layoutOfParam(name));
  }

  /** The picture comes in densely, channels unpadded. */
  input(): Buffer {
    const { name, shape } = this.graph.input;
    return this.#named(name, layoutOf(shape, this.frameOf(name), shape[3], numberTypeOf(this.graph.input)));
  }

  /** The layout of a result; see `Lowering.result`. */
  layoutOfResult(node: Node, canFrame: boolean, cs?: number): MapLayout {
    const wish = this.#wishes.get(node.name);
    const plain = layoutOf(node.shape, canFrame ? wish?.frame : noPadding, cs, numberTypeOf(node));
    return wish?.spread && cs === undefined ? spread(plain) : plain;
  }

  /** Makes room for a result. */
  make({ name }: Node, layout: MapLayout): Buffer {
    return this.#named(name, layout);
  }

  /** The place of a value that has one. */
  find(name: string): Buffer | undefined {
    return this.#values.get(name);
  }

  frameOf(value: string): ExplicitPadding {
    return this.#wishes.get(value)?.frame ?? noPadding;
  }

  /** Where a value lies; a parameter too, for kernels that read it as it is. */
  of(name: string, reader: string = this.graph.name): Buffer {
    const buffer = this.#values.get(name);
    if (buffer) return buffer;
    if (name in this.graph.params) return this.#resident(name, this.#layoutOfParam(name));
    throw new EngineError({ where: reader, found: `input "${name}" has not been computed` });
  }

  /** The shape of a parameter, for constants. */
  paramShape(name: string, reader: string = name): Shape {
    const spec = this.graph.params[name];
    if (spec) return spec.shape;
    throw new UnsupportedError({
      where: reader,
      found: `weights "${name}" that are computed, not stored`,
      expected: "stored weights",
      hint: 'use engine "reference"',
    });
  }

  /** Makes a value another name for a buffer that exists. */
  alias(node: Node, buffer: Buffer): void {
    this.#values.set(node.name, buffer);
  }

  buffer(layout: MapLayout): Buffer {
    const buffer = { ...layout, id: this.buffers.length, offset: 0 };
    this.buffers.push(buffer);
    return buffer;
  }

  constant(constant: Constant): Address {
    this.constants.push(constant);
    return { constant: this.constants.length - 1 };
  }

  #named(name: string, layout: MapLayout): Buffer {
    const buffer = this.buffer(layout);
    this.#values.set(name, buffer);
    return buffer;
  }

  #resident(name: string, layout: MapLayout): Buffer {
    const buffer = this.#named(name, layout);
    this.residents.push({ ...buffer, name });
    return buffer;
  }

  /** Kernels of depthwise layers have their channels in two dimensions. */
  #layoutOfParam(name: string): MapLayout {
    const shape = this.paramShape(name);
    const byChannel = this.graph.nodes.some(
      ({ op, inputs }) => inputs[1] === name && this.#lowerings.get(op)?.kernelByChannel,
    );
    return layoutOf(byChannel ? [shape[0], shape[1], 1, shape[2] * shape[3]] : shape);
  }
}
