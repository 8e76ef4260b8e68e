import { KernelTable } from "../kernel-table.ts";
import { signatures } from "../signatures.ts";
import { trainingSignatures } from "./signatures.ts";

/** The kernels of the module that trains: those of inference, then its own. */
export const trainingKernels: KernelTable = /* @__PURE__ */ new KernelTable("training", {
  ...signatures,
  ...trainingSignatures,
});
