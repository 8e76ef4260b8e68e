import { checkGraph } from "../../packages/mobilenets/src/graph/check.ts";
import { importedOps } from "../../packages/mobilenets/src/graph/imported-ops.ts";
import type { WeightFile } from "../../packages/mobilenets/src/weights/weight-file.ts";

export const noCompanions = () => Promise.reject(new Error("no companions"));

/** Accesses everything that a user gets from a file. */
export function touch({ tensors, graph }: WeightFile): void {
  for (const { data } of Object.values(tensors)) data.at(-1);
  if (graph) checkGraph(graph, importedOps);
}
