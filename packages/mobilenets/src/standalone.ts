// mobilenets/standalone: a model as one ES module that needs nothing else.
export {
  buildStandalone,
  type Standalone,
  type StandaloneOptions,
  weightsTypes,
} from "./standalone/build.ts";
export type { WeightsType } from "./standalone/description.ts";
