// mobilenets/compat/tfjs-models: the exports of `@tensorflow-models/mobilenet` 2.1.1, without TensorFlow.js.
export type { IoHandler, ModelArtifacts } from "./compat/io-handler.ts";
export type { CompatSource, TensorLike } from "./compat/pixels.ts";
export { type NestedNumbers, ResultTensor } from "./compat/result-tensor.ts";
export {
  type ClassNameAndProbability,
  load,
  MobileNet,
  type MobileNetAlpha,
  type MobileNetVersion,
  type ModelConfig,
  version,
} from "./compat/tfjs-models.ts";
