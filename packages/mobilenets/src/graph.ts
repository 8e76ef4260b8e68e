// mobilenets/graph: networks as plain data, their cost, and the passes that optimise them.
export { didYouMean } from "./did-you-mean.ts";
export type { Engine, EngineOptions, Executable } from "./engines/engine.ts";
export { type Profile, profile, type StepProfile } from "./engines/profile.ts";
export { selectEngine } from "./engines/select.ts";
export { type Block, findBlocks } from "./explain/blocks.ts";
export type { Costs, MemoryTouched } from "./explain/costs.ts";
export { costsOf, type Explanation, explain, type NetworkCosts } from "./explain/explain.ts";
export {
  type Formula,
  formulas,
  type Nonlinear,
  type NonlinearityPlace,
  type NonlinearityUse,
} from "./explain/nonlinearities.ts";
export {
  articleExample,
  type ConvolutionComparison,
  type ConvolutionCost,
  type ConvolutionSizes,
  compareConvolutions,
} from "./explain/separable.ts";
export type { Squeeze } from "./explain/squeeze.ts";
export { activationFunction } from "./graph/activations.ts";
export type { Graph, Node, Program, Weights } from "./graph/graph.ts";
export type { LayerSummary } from "./graph/layer-summaries.ts";
export { printGraph } from "./graph/print.ts";
export { type Saving, type Savings, savings } from "./graph/savings.ts";
export { type Summary, summarise } from "./graph/summary.ts";
export type { DataType, Quantization, StorageType, ValueType } from "./graph/value-type.ts";
export { hostIsa } from "./kernels/host-isa.ts";
export type { Isa } from "./kernels/wat.ts";
export { initialise } from "./models/initialise.ts";
export { buildGraph, checkNetworkName, defaultFlavor, flavorsOf } from "./models/networks.ts";
export { optimise } from "./passes/optimise.ts";
export { compile as compilePlan } from "./plan/compile.ts";
export { extensionOf } from "./plan/lower.ts";
export type { Plan, Step } from "./plan/plan.ts";
export { printPlan } from "./plan/print.ts";
