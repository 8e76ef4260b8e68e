import { EngineError } from "../../errors.ts";
import { fromHex } from "../../kernels/from-hex.ts";
import { probes } from "../../kernels/generated/probes.ts";
import type { Isa } from "../../kernels/wat.ts";

/**
 * Chooses the best instruction set that both the file and this host have.
 * @throws EngineError for a host without SIMD
 */
export function chooseIsa(where: string, isas: readonly Isa[]): Isa {
  const knows = (isa: Isa) => typeof WebAssembly === "object" && WebAssembly.validate(fromHex(probes[isa]));
  const order: readonly Isa[] = ["relaxed", "simd"];
  const best = order.find((isa) => isas.includes(isa) && knows(isa));
  if (best) return best;
  throw new EngineError({
    where,
    found: "a host without WebAssembly SIMD",
    expected: "Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer",
  });
}

/** @throws EngineError if the host forbids compilation at run time */
export async function compile(where: string, bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    const found = `WebAssembly that this host does not compile (${(cause as Error).message})`;
    const hint = `a page's content security policy has to say script-src 'wasm-unsafe-eval'; for Workers, build with --split and import the file .worker.js`;
    throw new EngineError({ where, found, hint }, { cause });
  }
}
