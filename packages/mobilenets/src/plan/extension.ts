import type { Ops } from "../graph/ops.ts";
import type { KernelTable } from "../kernels/kernel-table.ts";
import type { Lowerings } from "./lower.ts";

/**
 * Ops beyond those of networks, with what engines need to run them. The caller that has such a graph hands in its
 * extension. No other caller loads it, and nothing is switched on globally.
 */
export interface Extension {
  readonly ops: Ops;
  readonly lowerings: Lowerings;
  /** The kernels that the lowerings call: those of inference, in the same order, then its own. */
  readonly kernels: KernelTable;
}
