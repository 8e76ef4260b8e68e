import type { Ops } from "../graph/ops.ts";
import type { KernelTable } from "../kernels/kernel-table.ts";
import type { Lowerings } from "./lower.ts";

/**
 * Ops beyond those of networks, with what engines need to run them. Whoever has such a graph hands its extension in;
 * nothing is switched on for others, who need not load it.
 */
export interface Extension {
  readonly ops: Ops;
  readonly lowerings: Lowerings;
  /** The kernels that the lowerings call: those of inference, in the same order, then its own. */
  readonly kernels: KernelTable;
}
