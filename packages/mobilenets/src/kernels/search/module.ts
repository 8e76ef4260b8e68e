import { dots } from "./dots.ts";
import { packRows } from "./pack-rows.ts";

/**
 * The module of vector search, as WebAssembly text: functions that JavaScript calls once per some thousand rows, without a
 * step list. All hosts share it: memory bandwidth limits it, so fused multiply-add gains nothing.
 */
export function searchModuleText(): string {
  return `(module (import "env" "memory" (memory 1 65536)) ${packRows()} ${dots()})`;
}
