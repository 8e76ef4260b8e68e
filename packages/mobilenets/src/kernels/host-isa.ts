import { bestIsa } from "./modules.ts";
import type { Isa } from "./wat.ts";

/**
 * The instruction set that the WebAssembly engine uses on this host. Results of the two differ by rounding.
 * @throws EngineError if the host has no SIMD
 */
export function hostIsa(): Isa {
  return bestIsa();
}
