// mobilenets/compat/ml5: `imageClassifier` of ml5 1.4, without TensorFlow.js.
export {
  type Callback,
  ImageClassifier,
  type ImageClassifierOptions,
  imageClassifier,
  type LabelAndConfidence,
  type LoadingClassifier,
  type Ml5Source,
  ml5 as default,
} from "./compat/ml5.ts";
export type { CompatSource, TensorLike } from "./compat/pixels.ts";
