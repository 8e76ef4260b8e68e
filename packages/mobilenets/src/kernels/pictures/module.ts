import { bytes } from "./bytes.ts";
import { fixed } from "./fixed.ts";
import { float } from "./float.ts";

/**
 * The module that resizes pictures, as WebAssembly text: functions that JavaScript calls for each row. All hosts share it,
 * because fused multiply-add would give other bits than the twins in JavaScript.
 */
export function pictureModuleText(): string {
  return `(module (import "env" "memory" (memory 1 65536)) ${bytes()} ${float()} ${fixed()})`;
}
