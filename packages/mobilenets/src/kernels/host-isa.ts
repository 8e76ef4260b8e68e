import { bestIsa } from "./modules.ts";
import type { Isa } from "./wat.ts";

/**
 * The instruction set that the WebAssembly engine uses on this host. Between the two, results differ by roundings.
 * @throws EngineError if the host has no SIMD at all
 */
export function hostIsa(): Isa {
  return bestIsa();
}
