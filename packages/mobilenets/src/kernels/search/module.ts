import { dots } from "./dots.ts";
import { packRows } from "./pack-rows.ts";

/**
 * The module of vector search as WebAssembly text: no step list, but functions that JavaScript calls once per some thousand
 * rows. It is one for all hosts: what limits it is the memory's speed, and fused multiply-add gains nothing.
 */
export function searchModuleText(): string {
  return `(module (import "env" "memory" (memory 1 65536)) ${packRows()} ${dots()})`;
}
