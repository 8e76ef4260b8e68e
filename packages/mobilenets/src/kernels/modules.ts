import { EngineError } from "../errors.ts";
import type { Isa } from "./wat.ts";

/** The instruction sets in order of preference. */
const preference: readonly Isa[] = ["relaxed", "simd"];

/** Whether this host knows an instruction set: asked with a module of a few bytes, as no other way is reliable. */
export async function supports(isa: Isa): Promise<boolean> {
  const { probes } = await import("./generated/probes.ts");
  return typeof WebAssembly === "object" && WebAssembly.validate(decode(probes[isa]));
}

/** @throws EngineError if the host has no SIMD at all */
export async function bestIsa(): Promise<Isa> {
  for (const isa of preference) if (await supports(isa)) return isa;
  throw new EngineError({
    where: "wasm engine",
    found: "a host without WebAssembly SIMD",
    expected: "Node 16, Chrome 91, Firefox 89, Safari 16.4 or newer",
    hint: 'use engine "reference"',
  });
}

const compiled = new Map<Isa, Promise<WebAssembly.Module>>();

/** The compiled kernels; compiled once, however many models use them. */
export function kernelModule(isa: Isa): Promise<WebAssembly.Module> {
  let module = compiled.get(isa);
  if (!module) {
    module = bytesOf(isa).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(isa, module);
  }
  return module;
}

async function bytesOf(isa: Isa): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = isa === "relaxed" ? await import("./generated/relaxed.ts") : await import("./generated/simd.ts");
  return decode(bytes);
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
