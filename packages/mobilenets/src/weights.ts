// mobilenets/weights: weight files, read and written, those that others have published, and how these want their pictures.
export { describePreprocessing } from "./image/describe.ts";
export { pipelines } from "./image/pipelines.ts";
export type { Resize } from "./image/preprocessing.ts";
export { isResize, resizes } from "./image/resizes.ts";
export { readBytes } from "./platform/read-bytes.ts";
export type { Format, OutputFile, WriteOptions } from "./weights/format.ts";
export { formatFor, formats } from "./weights/formats.ts";
export { widenFloat16 } from "./weights/half.ts";
export { narrowFloat16 } from "./weights/half-write.ts";
export { type WritableModel, writeModelFile } from "./weights/model-file.ts";
export { type Published, published, publishedByName, publishedFor } from "./weights/published.ts";
export { type Companions, readWeightFile } from "./weights/read.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./weights/safetensors.ts";
export { shippedWeights } from "./weights/shipped.ts";
export type { WeightFile } from "./weights/weight-file.ts";
