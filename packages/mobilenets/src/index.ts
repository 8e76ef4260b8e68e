// mobilenets: the core. The rest is in mobilenets/graph, /weights, /search, /train and /labels.
export { type ActivationMap, type ActivationMapOptions, activationMaps } from "./activation-map.ts";
export type { RunOptions } from "./engines/engine.ts";
export { type EngineName, engineNames } from "./engines/select.ts";
export {
  EngineError,
  GraphError,
  ImageError,
  MobileNetsError,
  OptionError,
  TrainingError,
  WeightsError,
} from "./errors.ts";
export type { Picture } from "./image/picture.ts";
export type { Crop, Preprocessing } from "./image/preprocessing.ts";
export { type ImageSource, toPicture } from "./image/source.ts";
export { type LoadOptions, load, type WeightSource } from "./load.ts";
export { type ClassifyOptions, Model, type Prediction } from "./model.ts";
export { type NetworkName, networkNames } from "./models/networks.ts";
export { type Flavor, flavors, type ModelOptions } from "./models/options.ts";
export { type DecodeOptions, ReadError } from "./platform/platform.ts";
export type { FetchOptions, Progress } from "./platform/store.ts";
export { cosine } from "./search/cosine.ts";
export { nearest } from "./search/nearest.ts";
export { readNpy } from "./search/npy.ts";
export type { Neighbour } from "./search/top-heap.ts";
export { type Shape, type Tensor, tensor } from "./tensor.ts";
