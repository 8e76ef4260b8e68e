import type { Ops } from "../graph/ops.ts";
import type { KernelTable } from "../kernels/kernel-table.ts";
import type { Lowerings } from "./lower.ts";

/**
 * Ops beyond those of networks, with their kernels and lowerings. A caller with such a graph passes its extension; other
 * callers do not load it, and there is no global state.
 */
export interface Extension {
  readonly ops: Ops;
  readonly lowerings: Lowerings;
  /** The kernels that the lowerings call: those of inference, in the same order, then the extension's. */
  readonly kernels: KernelTable;
}
