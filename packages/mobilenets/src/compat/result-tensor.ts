import { EngineError, OptionError } from "../errors.ts";
import { formatShape, type Shape, sizeOf } from "../tensor.ts";

/** Numbers in lists of lists, as deep as the shape has dimensions. */
export type NestedNumbers = number | NestedNumbers[];

/**
 * The result of `infer`: a float32 tensor with the methods that users of `@tensorflow-models/mobilenet` call. It is no
 * `tf.Tensor`: pass `tf.tensor(result.dataSync(), result.shape)` to functions of TensorFlow.js.
 */
export class ResultTensor {
  readonly shape: number[];
  readonly dtype = "float32";
  #values: Float32Array | undefined;
  #coming: Promise<Float32Array> | undefined;
  #disposed = false;

  /** @param values the numbers of the shape, or a promise of them if a picture is read first */
  constructor(shape: Shape, values: Float32Array | Promise<Float32Array>) {
    this.shape = [...shape];
    if (values instanceof Float32Array) {
      this.#values = values;
      return;
    }
    this.#coming = values.then((numbers) => {
      this.#values = numbers;
      return numbers;
    });
    // data() reports the error.
    this.#coming.catch(() => {});
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** The numbers, row-major. */
  async data(): Promise<Float32Array> {
    this.#check();
    return this.#values ?? (await (this.#coming as Promise<Float32Array>));
  }

  /** @throws EngineError if the picture is a file or an address that is not read yet: await `data()` */
  dataSync(): Float32Array {
    this.#check();
    if (this.#values) return this.#values;
    const hint = "await data(), or give infer() an element, an ImageData or a tensor";
    throw new EngineError({ where: "dataSync", found: "a picture that is still being read", hint });
  }

  async array(): Promise<NestedNumbers> {
    return nested(await this.data(), this.shape);
  }

  /** @throws EngineError as `dataSync` */
  arraySync(): NestedNumbers {
    return nested(this.dataSync(), this.shape);
  }

  /** The same numbers in another shape; one dimension may be -1. @throws OptionError if they do not fit */
  reshape(shape: Shape): ResultTensor {
    this.#check();
    const known = shape.filter((n) => n !== -1).reduce((product, n) => product * n, 1);
    const sizes = shape.map((n) => (n === -1 ? this.size / known : n));
    if (sizeOf(sizes) !== this.size || !sizes.every(Number.isInteger)) {
      throw new OptionError({
        where: "reshape",
        found: `shape ${formatShape(shape)}`,
        expected: `one of ${this.size} numbers`,
      });
    }
    return new ResultTensor(sizes, this.#values ?? (this.#coming as Promise<Float32Array>));
  }

  flatten(): ResultTensor {
    return this.reshape([this.size]);
  }

  /** Without dimensions of size 1. */
  squeeze(): ResultTensor {
    return this.reshape(this.shape.filter((n) => n !== 1));
  }

  clone(): ResultTensor {
    return this.reshape(this.shape);
  }

  /** Releases the numbers. Optional: they are garbage-collected like any array. */
  dispose(): void {
    this.#disposed = true;
    this.#values = undefined;
    this.#coming = undefined;
  }

  toString(): string {
    return `Tensor ${formatShape(this.shape)} float32`;
  }

  #check(): void {
    if (this.#disposed) throw new EngineError({ where: "tensor", found: "a call after dispose()" });
  }
}

function nested(values: Float32Array, [first, ...rest]: Shape): NestedNumbers {
  if (first === undefined) return values[0];
  if (rest.length === 0) return Array.from(values);
  const size = sizeOf(rest);
  return Array.from({ length: first }, (_, i) => nested(values.subarray(i * size, (i + 1) * size), rest));
}
