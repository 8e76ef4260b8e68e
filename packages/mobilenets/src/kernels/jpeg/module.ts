import { colour } from "./colour.ts";
import { entropy } from "./entropy.ts";
import { transforms } from "./transform.ts";

/** The module that decodes JPEG files at a reduced scale, as WebAssembly text. */
export function jpegModuleText(): string {
  return `(module (import "env" "memory" (memory 1 65536)) ${transforms()} ${entropy()} ${colour()})`;
}
