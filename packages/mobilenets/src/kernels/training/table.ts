import { importedSignatures } from "../imported/signatures.ts";
import { KernelTable } from "../kernel-table.ts";
import { signatures } from "../signatures.ts";
import { trainingSignatures } from "./signatures.ts";

/**
 * The kernels of the training module: those of inference, of training, and of ops that only models from files have, which
 * can train too.
 */
export const trainingKernels: KernelTable = /* @__PURE__ */ new KernelTable("training", {
  ...signatures,
  ...trainingSignatures,
  ...importedSignatures,
});
