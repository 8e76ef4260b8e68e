import { UnsupportedError } from "../errors.ts";
import type { Node } from "../graph/graph.ts";
import { LINE_BYTES } from "../kernels/geometry.ts";
import type { KernelArgs, KernelName } from "../kernels/signatures.ts";
import { type Address, type Buffer, countOf, pixel } from "./buffer.ts";
import { chunksFor } from "./chunks.ts";
import { bytesOf, imageOf, pitchOf, stepOf } from "./layout.ts";

export interface PendingStep {
  readonly node: string;
  readonly kernel: KernelName;
  readonly chunks: number;
  readonly args: Readonly<Record<string, number | Address>>;
}

/** A kernel's arguments while addresses are symbolic. */
export type PendingArgs<K extends KernelName> = { readonly [F in keyof KernelArgs<K>]: number | Address };

/** Collects the steps of a plan. Addresses stay symbolic until all steps are known and the arena is laid out. */
export class Emitter {
  readonly threads: number;
  readonly steps: PendingStep[] = [];
  #node = "";

  constructor(threads: number) {
    this.threads = threads;
  }

  /** Sets the node of the following steps. */
  enter({ name }: Pick<Node, "name">): void {
    this.#node = name;
  }

  /** The node of the current steps, for errors. */
  get node(): string {
    return this.#node;
  }

  /** @param work approximate number of vector operations: it decides whether threads share the step */
  emit<K extends KernelName>(kernel: K, args: PendingArgs<K>, work: number): void {
    this.steps.push({ node: this.#node, kernel, chunks: chunksFor(work, this.threads), args });
  }

  /** Copies all pixels. The copy has each channel `repeat` times, and its pixels `rows` and `columns` apart. */
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

  /** Fills the frame of a map with its zero. Kernels that compute the inside do not write the frame. */
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
    return new UnsupportedError({
      where: this.#node,
      found: `no kernel that ${what}, for numbers of ${element} bytes`,
    });
  }
}
