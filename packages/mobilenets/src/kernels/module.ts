import { copies } from "./copy.ts";
import { depthwise } from "./dwconv.ts";
import { elementwise } from "./elementwise.ts";
import { exponential } from "./exponential.ts";
import { gemm } from "./gemm.ts";
import { hasWideTiles } from "./geometry.ts";
import type { KernelTable } from "./kernel-table.ts";
import { pack } from "./pack.ts";
import { reduce } from "./reduce.ts";
import { schedule } from "./schedule.ts";
import { wideTwin } from "./signatures.ts";
import { type Isa, poolData } from "./wat.ts";

/** The function of a kernel; a kernel without wide tiles in this module is its own twin. */
function functionOf(isa: Isa, kernels: KernelTable, name: string): string {
  if (hasWideTiles(isa)) return name;
  return kernels.names.find((other) => wideTwin(other) === name) ?? name;
}

/**
 * A whole module as WebAssembly text. Memory is imported, so that the host decides its size and sharing.
 * @param kernels the module's kernels
 * @param more the functions of kernels beyond those of inference
 */
export function moduleText(isa: Isa, kernels: KernelTable, more = ""): string {
  // This global identifies the compiled module for a host.
  const mark = kernels.module === "core" ? "" : `(global (export "${kernels.module}") i32 (i32.const 1))`;
  return `(module
  (type $kernel (func (param i32 i32 i32)))
  (import "env" "memory" (memory 1 65536))
  (table funcref (elem ${kernels.names.map((name) => `$${functionOf(isa, kernels, name)}`).join(" ")}))
  ${poolData}${mark}
  ${schedule()}
  ${gemm(isa)} ${depthwise(isa)} ${elementwise(isa)} ${reduce()} ${exponential(isa)} ${copies()} ${pack()} ${more})`;
}
