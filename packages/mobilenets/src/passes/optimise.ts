import type { Program } from "../graph/graph.ts";
import { asFloats } from "./as-floats.ts";
import { foldBatchNorm, foldBatchNormIntoScales } from "./fold-batch-norm.ts";
import { foldPadding } from "./fold-padding.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fuseResidual } from "./fuse-residual.ts";
import { removeIdentity } from "./remove-identity.ts";
import { splitActivation } from "./split-activation.ts";

/** Program -> Program with the same results, up to rounding. */
export type Pass = (program: Program) => Program;

/** The order matters: what one pass removes makes neighbours of nodes for the next. */
const before: readonly Pass[] = [asFloats, removeIdentity, splitActivation, foldPadding];
const portable: readonly Pass[] = [...before, foldBatchNorm, fuseActivation];
export const passes: readonly Pass[] = [...portable, fuseResidual];
const packingPasses: readonly Pass[] = [...before, foldBatchNormIntoScales, fuseActivation, fuseResidual];

const apply = (program: Program, list: readonly Pass[]) => list.reduce((p, pass) => pass(p), program);

/** What the planner expects: no identities, batch norms folded, activations and residuals fused where they can be. */
export function optimise(program: Program): Program {
  return apply(program, passes);
}

/** The same for an engine that packs the weights at once and keeps none of them: folded kernels have scales. */
export function optimiseForPacking(program: Program): Program {
  return apply(program, packingPasses);
}

/** The same without fused residuals, which are no layers of other libraries: what converters make of a network. */
export function optimiseForExport(program: Program): Program {
  return apply(program, portable);
}
