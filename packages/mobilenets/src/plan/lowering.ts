import type { Graph, Node } from "../graph/graph.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { elementOf } from "../kernels/geometry.ts";
import type { Shape } from "../tensor.ts";
import { type Address, type Buffer, pixel } from "./buffer.ts";
import { bytesOfConstant } from "./constants.ts";
import { Emitter } from "./emitter.ts";
import type { Wish } from "./frames.ts";
import { isAligned, isFramed, layoutOf, type MapLayout } from "./layout.ts";
import type { Lowerings } from "./lower.ts";
import type { PackedWeights } from "./pack-panels.ts";
import { Values } from "./values.ts";

/** Parameters that change from run to run. */
export interface Trained {
  /** The value of each parameter's gradient, by the parameter's name. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Emits the steps that pack weights into a kernel's order. */
  readonly pack: (ctx: Lowering, constant: PackedWeights, to: Buffer) => void;
}

/** The context of an op's lowering: the places of values, and the emitted steps. */
export class Lowering extends Emitter {
  readonly values: Values;
  readonly #trained: Trained | undefined;

  constructor(
    graph: Graph,
    lowerings: Lowerings,
    wishes: ReadonlyMap<string, Wish>,
    threads: number,
    trained?: Trained,
  ) {
    super(threads);
    this.values = new Values(graph, wishes, lowerings);
    this.#trained = trained;
    if (trained) this.values.reserve(trained.gradients);
    this.enter(graph.input);
    // The picture is already in place for the next step; the frame still has values of an earlier run.
    this.#withFrame(this.values.input());
  }

  /** The buffer of a value, or of a parameter that kernels read unpacked. */
  value(name: string): Buffer {
    return this.values.of(name, this.node);
  }

  /** The shape of a parameter, for constants. */
  paramShape(name: string): Shape {
    return this.values.paramShape(name, this.node);
  }

  /**
   * The buffer of the node's result: in a plain layout, unless windows want a frame and `canFrame`. `cs` defaults to the
   * channels rounded up.
   */
  result(node: Node, canFrame = false, cs?: number): Buffer {
    return this.resultIn(node, this.values.layoutOfResult(node, canFrame, cs));
  }

  /** The buffer of the node's result in a given layout, or in its reserved place. */
  resultIn(node: Node, layout: MapLayout): Buffer {
    return this.values.find(node.name) ?? this.#withFrame(this.values.make(node, layout));
  }

  /** The address of weights in a kernel's order: packed once, or in each run during training. */
  packed(constant: PackedWeights): Address {
    if (!this.#trained?.gradients.has(constant.kernel)) return this.values.constant(constant);
    const floats = this.values.buffer(layoutOf([1, bytesOfConstant(constant) / elementOf(constant.geometry)]));
    this.#trained.pack(this, constant, floats);
    return pixel(floats);
  }

  /** The value with at least this frame and `cs` numbers per pixel: itself if it already has them, else a copy. */
  framed(x: Buffer, frame: ExplicitPadding, cs = x.cs): Buffer {
    const has = x.frame;
    const enough =
      has.top >= frame.top && has.bottom >= frame.bottom && has.left >= frame.left && has.right >= frame.right;
    if (enough && x.cs === cs) return x;
    const copy = this.values.buffer({ ...x, frame, cs });
    this.copy(x, this.#withFrame(copy));
    return copy;
  }

  /** The value without a frame: itself, or a copy. */
  plain(x: Buffer): Buffer {
    if (!isFramed(x)) return x;
    const copy = this.values.buffer({ ...x, frame: noPadding });
    this.copy(x, copy);
    return copy;
  }

  /** The value with whole vectors per pixel: itself, or a copy of an input with 1 or 3 channels. */
  aligned(x: Buffer): Buffer {
    if (isAligned(x)) return x;
    const copy = this.values.buffer(layoutOf([x.images, x.height, x.width, x.channels], noPadding, undefined, x));
    this.copy(x, copy);
    return copy;
  }

  #withFrame(buffer: Buffer): Buffer {
    if (isFramed(buffer)) this.fillFrame(buffer);
    return buffer;
  }
}
