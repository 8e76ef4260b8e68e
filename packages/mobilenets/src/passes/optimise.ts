import type { Program } from "../graph/graph.ts";
import { asFloats } from "./as-floats.ts";
import { foldBatchNorm, foldBatchNormIntoScales } from "./fold-batch-norm.ts";
import { foldPadding } from "./fold-padding.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fuseResidual } from "./fuse-residual.ts";
import { removeIdentity } from "./remove-identity.ts";
import { splitActivation } from "./split-activation.ts";

/** A transformation of a program that keeps its results, except for rounding. */
export type Pass = (program: Program) => Program;

/** The order matters: nodes become neighbours when a pass removes what is between them. */
const before: readonly Pass[] = [asFloats, removeIdentity, splitActivation, foldPadding];
const portable: readonly Pass[] = [...before, foldBatchNorm, fuseActivation];
export const passes: readonly Pass[] = [...portable, fuseResidual];
const packingPasses: readonly Pass[] = [...before, foldBatchNormIntoScales, fuseActivation, fuseResidual];

const apply = (program: Program, list: readonly Pass[]) => list.reduce((p, pass) => pass(p), program);

/** Optimises for the planner: no identities, batch norms folded, activations and residuals fused if possible. */
export function optimise(program: Program): Program {
  return apply(program, passes);
}

/** The same for an engine that packs the weights at once: folded kernels have scales. */
export function optimiseForPacking(program: Program): Program {
  return apply(program, packingPasses);
}

/** The same without fused residuals, which other libraries lack: for converters. */
export function optimiseForExport(program: Program): Program {
  return apply(program, portable);
}
