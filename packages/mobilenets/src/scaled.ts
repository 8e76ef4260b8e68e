import type { Shape, Tensor } from "./tensor.ts";

/**
 * A kernel times a factor for each output channel, multiplied out (in float64, rounded once) when somebody asks for its
 * numbers. Who copies them anyway multiplies on the way: that saves touching a model's memory twice before the first
 * picture.
 */
export class Scaled implements Tensor {
  readonly source: Tensor;
  /** One for each index of the innermost dimensions, which in every kernel layout together count the output channels. */
  readonly scale: Float64Array;
  #data: Float32Array | null = null;

  constructor(source: Tensor, scale: Float64Array) {
    this.source = source;
    this.scale = scale;
  }

  get shape(): Shape {
    return this.source.shape;
  }

  get data(): Float32Array {
    this.#data ??= multiplied(this.source.data, this.scale);
    return this.#data;
  }
}

function multiplied(data: Float32Array, scale: Float64Array): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += scale.length) {
    for (let c = 0; c < scale.length; c++) out[row + c] = data[row + c] * scale[c];
  }
  return out;
}
