import { importedSignatures } from "../imported/signatures.ts";
import { KernelTable } from "../kernel-table.ts";
import { signatures } from "../signatures.ts";
import { trainingSignatures } from "./signatures.ts";

/**
 * The kernels of the module that trains: those of inference, its own, and those of ops that only models from files have,
 * which train as well.
 */
export const trainingKernels: KernelTable = /* @__PURE__ */ new KernelTable("training", {
  ...signatures,
  ...trainingSignatures,
  ...importedSignatures,
});
