import { copies } from "./copy.ts";
import { depthwise } from "./dwconv.ts";
import { elementwise } from "./elementwise.ts";
import { exponential } from "./exponential.ts";
import { gemm } from "./gemm.ts";
import type { KernelTable } from "./kernel-table.ts";
import { pack } from "./pack.ts";
import { reduce } from "./reduce.ts";
import { schedule } from "./schedule.ts";
import { type Isa, poolData } from "./wat.ts";

/**
 * A whole module as WebAssembly text. Memory is imported, so that the host decides its size and sharing.
 * @param kernels the module's kernels
 * @param more the functions of those that are not inference's
 */
export function moduleText(isa: Isa, kernels: KernelTable, more = ""): string {
  // By this a host that is given a compiled module knows what it has.
  const mark = kernels.module === "core" ? "" : `(global (export "${kernels.module}") i32 (i32.const 1))`;
  return `(module
  (type $kernel (func (param i32 i32 i32)))
  (import "env" "memory" (memory 1 65536))
  (table funcref (elem ${kernels.names.map((name) => `$${name}`).join(" ")}))
  ${poolData}${mark}
  ${schedule()}
  ${gemm(isa)} ${depthwise(isa)} ${elementwise(isa)} ${reduce()} ${exponential(isa)} ${copies()} ${pack()} ${more})`;
}
