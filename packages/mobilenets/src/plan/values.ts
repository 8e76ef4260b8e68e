import { EngineError, UnsupportedError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import type { Shape } from "../tensor.ts";
import type { Address, Buffer } from "./buffer.ts";
import type { Constant } from "./constants.ts";
import type { Wish } from "./frames.ts";
import { layoutOf, type MapLayout, numberTypeOf, spread } from "./layout.ts";
import type { Lowerings } from "./lower.ts";

/** The places of values: buffers of results, constants of weights, and residents, which keep their place between runs. */
export class Values {
  readonly graph: Graph;
  readonly buffers: Buffer[] = [];
  readonly constants: Constant[] = [];
  /** Values that keep their place from run to run: unpacked parameters, and results with a reserved place. */
  readonly residents: (Buffer & { readonly name: string })[] = [];
  readonly #values = new Map<string, Buffer>();
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #lowerings: Lowerings;

  constructor(graph: Graph, wishes: ReadonlyMap<string, Wish>, lowerings: Lowerings) {
    this.graph = graph;
    this.#wishes = wishes;
    this.#lowerings = lowerings;
  }

  /** Reserves lasting places for some parameters, in their order, and then for their gradients. */
  reserve(gradients: ReadonlyMap<string, string>): void {
    for (const name of gradients.keys()) this.#resident(name, this.#layoutOfParam(name));
    for (const [name, gradient] of gradients) this.#resident(gradient, this.#layoutOfParam(name));
  }

  /** The buffer of the input, which is dense, without channel padding. */
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

  /** Makes the buffer of a result. */
  make({ name }: Node, layout: MapLayout): Buffer {
    return this.#named(name, layout);
  }

  /** The buffer of a value, if it has one. */
  find(name: string): Buffer | undefined {
    return this.#values.get(name);
  }

  frameOf(value: string): ExplicitPadding {
    return this.#wishes.get(value)?.frame ?? noPadding;
  }

  /** The buffer of a value, or of a parameter that kernels read unpacked. */
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

  /** Makes a value an alias of an existing buffer. */
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

  /** The layout of a parameter; kernels of depthwise layers have their channels in two dimensions. */
  #layoutOfParam(name: string): MapLayout {
    const shape = this.paramShape(name);
    const byChannel = this.graph.nodes.some(
      ({ op, inputs }) => inputs[1] === name && this.#lowerings.get(op)?.kernelByChannel,
    );
    return layoutOf(byChannel ? [shape[0], shape[1], 1, shape[2] * shape[3]] : shape);
  }
}
