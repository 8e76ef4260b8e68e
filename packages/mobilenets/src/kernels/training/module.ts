import type { Isa } from "../wat.ts";
import { depthwiseGrads } from "./dwconv-grad.ts";
import { trainingElementwise } from "./elementwise.ts";
import { gemmTransposed } from "./gemm-tn.ts";
import { norm } from "./norm.ts";
import { packing } from "./pack.ts";
import { update } from "./update.ts";

/** The functions of the kernels that only training calls. */
export const trainingFunctions = (isa: Isa) =>
  [packing(), gemmTransposed(isa), norm(isa), depthwiseGrads(isa), trainingElementwise(isa), update()].join("\n");
