/** What one training step learns from: `n` examples, as the step's kernels read them. */
export interface Batch {
  /** NHWC float32, normalised: `[n, height, width, channels]`. */
  readonly images: Float32Array;
  /**
   * `[n, classes]`: a weight per class and example. One-hot rows for plain classification; label smoothing, mixup and
   * class weights are other rows; 0 and 1 in any number for multi-label; values for regression.
   */
  readonly targets: Float32Array;
  /** Which examples of the dataset these are. */
  readonly indices: readonly number[];
}
