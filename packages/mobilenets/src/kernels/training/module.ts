import { importedFunctions } from "../imported/module.ts";
import type { Isa } from "../wat.ts";
import { depthwiseGrads } from "./dwconv-grad.ts";
import { trainingElementwise } from "./elementwise.ts";
import { gemmTransposed } from "./gemm-tn.ts";
import { norm } from "./norm.ts";
import { packing } from "./pack.ts";
import { update } from "./update.ts";

/** The functions of the kernels beyond inference of our networks. */
export const trainingFunctions = (isa: Isa) =>
  [
    packing(),
    gemmTransposed(isa),
    norm(isa),
    depthwiseGrads(isa),
    trainingElementwise(isa),
    update(),
    importedFunctions(isa),
  ].join("\n");
