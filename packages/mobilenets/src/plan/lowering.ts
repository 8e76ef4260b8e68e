import { EngineError, UnsupportedError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { elementOf, LINE_BYTES } from "../kernels/geometry.ts";
import type { KernelArgs, KernelName } from "../kernels/signatures.ts";
import type { Shape } from "../tensor.ts";
import { type Address, type Buffer, countOf, pixel } from "./buffer.ts";
import { chunksFor } from "./chunks.ts";
import { bytesOfConstant, type Constant } from "./constants.ts";
import type { Wish } from "./frames.ts";
import {
  bytesOf,
  imageOf,
  isAligned,
  isFramed,
  layoutOf,
  type MapLayout,
  numberTypeOf,
  pitchOf,
  spread,
  stepOf,
} from "./layout.ts";
import type { PackedWeights } from "./pack-panels.ts";

export interface PendingStep {
  readonly node: string;
  readonly kernel: KernelName;
  readonly chunks: number;
  readonly args: Readonly<Record<string, number | Address>>;
}

/** A kernel's arguments while addresses are symbolic. */
export type PendingArgs<K extends KernelName> = { readonly [F in keyof KernelArgs<K>]: number | Address };

/** Parameters that change from run to run. */
export interface Trained {
  /** The value of each one's gradient, by its name. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Emits the steps that bring weights into the order a kernel reads. */
  readonly pack: (ctx: Lowering, constant: PackedWeights, to: Buffer) => void;
}

/**
 * What a lowering works with: it asks for the buffers of values, adds constants and emits steps. Addresses stay
 * symbolic until all steps are known and the arena can be laid out.
 */
export class Lowering {
  readonly graph: Graph;
  readonly threads: number;
  readonly steps: PendingStep[] = [];
  readonly buffers: Buffer[] = [];
  readonly constants: Constant[] = [];
  /** Values that keep their place from run to run: parameters read as they are, and results that ask for a place. */
  readonly residents: (Buffer & { readonly name: string })[] = [];
  readonly #values = new Map<string, Buffer>();
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #trained: Trained | undefined;
  #node = "";

  constructor(graph: Graph, wishes: ReadonlyMap<string, Wish>, threads: number, trained?: Trained) {
    this.graph = graph;
    this.#wishes = wishes;
    this.threads = threads;
    this.#trained = trained;
    const gradients = trained?.gradients ?? new Map<string, string>();
    for (const name of gradients.keys()) this.#resident(name, this.#layoutOfParam(name));
    for (const [name, gradient] of gradients) this.#resident(gradient, this.#layoutOfParam(name));
    const { name, shape } = graph.input;
    // The picture comes in densely, channels unpadded.
    const picture = this.buffer(layoutOf(shape, this.frameOf(name), shape[3], numberTypeOf(graph.input)));
    this.#values.set(name, picture);
    this.#node = name;
    // Its inside is there already, so the next step may read it; and an earlier run has left values in its frame.
    if (isFramed(picture)) this.fillFrame(picture);
  }

  /** Names the node that the following steps belong to. */
  enter(node: Node): void {
    this.#node = node.name;
  }

  frameOf(value: string): ExplicitPadding {
    return this.#wishes.get(value)?.frame ?? noPadding;
  }

  /** Where a value lies; a parameter too, for kernels that read it as it is. */
  value(name: string): Buffer {
    const buffer = this.#values.get(name);
    if (buffer) return buffer;
    if (name in this.graph.params) return this.#resident(name, this.#layoutOfParam(name));
    throw new EngineError({ where: this.#node, found: `input "${name}" has not been computed` });
  }

  /** The shape of a parameter, for constants. */
  paramShape(name: string): Shape {
    const spec = this.graph.params[name];
    if (spec) return spec.shape;
    throw new UnsupportedError({
      where: this.#node,
      found: `weights "${name}" that are computed, not stored`,
      expected: "stored weights",
      hint: 'use engine "reference"',
    });
  }

  /**
   * The node's result in a plain layout, unless windows want it framed and `canFrame`; `cs` if it is not the
   * channels rounded up.
   */
  result(node: Node, canFrame = false, cs?: number): Buffer {
    const wish = this.#wishes.get(node.name);
    const plain = layoutOf(node.shape, canFrame ? wish?.frame : noPadding, cs, numberTypeOf(node));
    return this.resultIn(node, wish?.spread && cs === undefined ? spread(plain) : plain);
  }

  /** The node's result in a given layout, or where a place is reserved for it. */
  resultIn(node: Node, layout: MapLayout): Buffer {
    const reserved = this.#values.get(node.name);
    if (reserved) return reserved;
    const buffer = this.buffer(layout);
    this.#values.set(node.name, buffer);
    if (isFramed(buffer)) this.fillFrame(buffer);
    return buffer;
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

  /** Weights in a kernel's order: stored so, or brought into it in each run if they are being trained. */
  packed(constant: PackedWeights): Address {
    if (!this.#trained?.gradients.has(constant.kernel)) return this.constant(constant);
    const floats = this.buffer(layoutOf([1, bytesOfConstant(constant) / elementOf(constant.geometry)]));
    this.#trained.pack(this, constant, floats);
    return pixel(floats);
  }

  #resident(name: string, layout: MapLayout): Buffer {
    const buffer = this.buffer(layout);
    this.residents.push({ ...buffer, name });
    this.#values.set(name, buffer);
    return buffer;
  }

  /** Kernels of depthwise layers have their channels in two dimensions. */
  #layoutOfParam(name: string): MapLayout {
    const shape = this.paramShape(name);
    const depthwise = this.graph.nodes.some(({ op, inputs }) => /^depthwise/.test(op) && inputs[1] === name);
    return layoutOf(depthwise && shape.length === 4 ? [shape[0], shape[1], 1, shape[2] * shape[3]] : shape);
  }

  /** @param work about how many vector operations it takes: decides whether threads share it */
  emit<K extends KernelName>(kernel: K, args: PendingArgs<K>, work: number): void {
    this.steps.push({ node: this.#node, kernel, chunks: chunksFor(work, this.threads), args });
  }

  /** The value with at least this frame and `cs` numbers per pixel: itself if it was made so, else a copy. */
  framed(x: Buffer, frame: ExplicitPadding, cs = x.cs): Buffer {
    const has = x.frame;
    const enough =
      has.top >= frame.top && has.bottom >= frame.bottom && has.left >= frame.left && has.right >= frame.right;
    if (enough && x.cs === cs) return x;
    const copy = this.buffer({ ...x, frame, cs });
    this.fillFrame(copy);
    this.copy(x, copy);
    return copy;
  }

  /** The value without a frame: itself, or a copy. */
  plain(x: Buffer): Buffer {
    if (!isFramed(x)) return x;
    const copy = this.buffer({ ...x, frame: noPadding });
    this.copy(x, copy);
    return copy;
  }

  /** The value with whole vectors per pixel: itself, or a copy of a picture that came in with 1 or 3 channels. */
  aligned(x: Buffer): Buffer {
    if (isAligned(x)) return x;
    const copy = this.buffer(layoutOf([x.images, x.height, x.width, x.channels], noPadding, undefined, x));
    this.copy(x, copy);
    return copy;
  }

  /** Copies all pixels; each channel `repeat` times, and in the copy so many rows and columns apart. */
  copy(from: Buffer, to: Buffer, repeat = 1, [rows, columns]: readonly [number, number] = [1, 1]): void {
    if (from.element !== Float32Array.BYTES_PER_ELEMENT) throw this.#noKernel("copies a map", from);
    this.emit(
      "f32-copy",
      {
        a: pixel(from),
        aImage: imageOf(from),
        aPitch: pitchOf(from),
        aStep: stepOf(from),
        c: pixel(to),
        cImage: imageOf(to),
        cPitch: rows * pitchOf(to),
        cStep: columns * stepOf(to),
        images: from.images,
        height: from.height,
        width: from.width,
        channels: from.channels,
        repeat,
      },
      countOf(from),
    );
  }

  /** Fills the frame of a map with what stands for zero; what computes its inside touches no frame. */
  fillFrame(buffer: Buffer): void {
    const { top, bottom, left, right } = buffer.frame;
    if (buffer.element > 1 && buffer.zero !== 0) throw this.#noKernel(`fills a frame with ${buffer.zero}`, buffer);
    const args = {
      c: { buffer: buffer.id, plus: buffer.offset },
      pitch: pitchOf(buffer),
      images: buffer.images,
      height: top + buffer.height + bottom,
      top,
      bottom,
      left: left * stepOf(buffer),
      right: right * stepOf(buffer),
      fill: buffer.zero,
    };
    this.emit("x8-frame", args, bytesOf(buffer) / LINE_BYTES);
  }

  #noKernel(what: string, { element }: Buffer): UnsupportedError {
    return new UnsupportedError({ where: this.#node, found: `no kernel that ${what}, of numbers of ${element} bytes` });
  }
}
