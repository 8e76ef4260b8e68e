// mobilenets/compat/teachablemachine: the exports of `@teachablemachine/image` 0.8.5 that run a model, without TensorFlow.js.
export type { CompatSource, TensorLike } from "./compat/pixels.ts";
export {
  type ClassPrediction,
  CustomMobileNet,
  IMAGE_SIZE,
  load,
  loadFromFiles,
  type Metadata,
  type TeachableOptions,
  version,
} from "./compat/teachablemachine.ts";
export { Webcam } from "./compat/webcam.ts";
