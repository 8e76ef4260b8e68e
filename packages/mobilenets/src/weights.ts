// mobilenets/weights: reads and writes weight files, and lists published ones with their preprocessing.
export { describePreprocessing } from "./image/describe.ts";
export { pipelines } from "./image/pipelines.ts";
export type { Resize } from "./image/preprocessing.ts";
export { isResize, resizes } from "./image/resizes.ts";
export { readBytes } from "./platform/read-bytes.ts";
export { widenFloat16 } from "./weights/containers/half.ts";
export type { Format, OutputFile, WriteOptions } from "./weights/format.ts";
export { formatFor, formats } from "./weights/formats.ts";
export { labelLines } from "./weights/label-lines.ts";
export { type Published, published, publishedByName, publishedFor } from "./weights/published/published.ts";
export { shippedWeights } from "./weights/published/shipped.ts";
export { type Companions, readWeightFile } from "./weights/read.ts";
export { narrowFloat16 } from "./weights/safetensors/half-write.ts";
export { type WritableModel, writeModelFile } from "./weights/safetensors/model-file.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./weights/safetensors/safetensors.ts";
export type { WeightFile } from "./weights/weight-file.ts";
