/** The `n` examples of one training step, as its kernels read them. */
export interface Batch {
  /** NHWC float32, normalised: `[n, height, width, channels]`. */
  readonly images: Float32Array;
  /**
   * `[n, classes]`: a weight per class and example. Plain classification has one-hot rows, which label smoothing, mixup
   * and class weights change; multi-label rows have any number of ones; regression has values.
   */
  readonly targets: Float32Array;
  /** Indices of the examples in the dataset. */
  readonly indices: readonly number[];
}
