import { EngineError, OptionError, UnsupportedError } from "../errors.ts";
import type { CompiledModule } from "./compiled-module.ts";
import { fromHex } from "./from-hex.ts";
import { probes } from "./generated/probes.ts";
import type { ModuleName } from "./kernel-table.ts";
import type { Isa } from "./wat.ts";

/** The instruction sets in order of preference. */
const preference: readonly Isa[] = ["relaxed", "simd"];

/** Whether this host has an instruction set. It validates a module of a few bytes, the only reliable test. */
export function supports(isa: Isa): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(fromHex(probes[isa]));
}

/** @throws EngineError if the host has no SIMD */
export function bestIsa(): Isa {
  for (const isa of preference) if (supports(isa)) return isa;
  throw new UnsupportedError({
    where: "wasm engine",
    found: "a host without WebAssembly SIMD",
    expected: "Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer",
    hint: 'use engine "reference"',
  });
}

/** Each import is written out, so that bundlers see it. */
const generated = {
  core: {
    simd: () => import("./generated/simd.ts"),
    relaxed: () => import("./generated/relaxed.ts"),
  },
  training: {
    simd: () => import("./generated/training-simd.ts"),
    relaxed: () => import("./generated/training-relaxed.ts"),
  },
} satisfies Record<ModuleName, Record<Isa, () => Promise<{ readonly bytes: string }>>>;

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Exports that every module must have; see `schedule.ts`. */
const EXPORTS = ["pack", "pictures", "prepare", "run", "work"];

/**
 * Checks that a compiled module comes from the files `mobilenets/kernels/*.wasm`.
 * @throws OptionError for any other value
 */
export function checkCompiled(module: CompiledModule): WebAssembly.Module {
  const found = module instanceof WebAssembly.Module ? WebAssembly.Module.exports(module).map(({ name }) => name) : [];
  if (EXPORTS.every((name) => found.includes(name))) return module;
  const expected = "a compiled WebAssembly.Module of mobilenets/kernels/simd.wasm";
  throw new OptionError({ where: "kernels", found: "another value", expected });
}

/** @throws OptionError for a module that lacks kernels of the model's layers */
export function checkHolds(kernels: WebAssembly.Module, name: ModuleName, model: string): void {
  if (name === "core" || WebAssembly.Module.exports(kernels).some((one) => one.name === name)) return;
  throw new OptionError({
    where: "kernels",
    found: `kernels without those that layers of ${model} need`,
    expected: `mobilenets/kernels/${name}-simd.wasm`,
  });
}

/**
 * The compiled kernels, compiled once for all models.
 * @param shared for a memory that threads share: the same code with another memory declaration
 * @param name the module that a Plan names
 */
export function kernelModule(isa: Isa, shared: boolean, name: ModuleName = "core"): Promise<WebAssembly.Module> {
  const key = `${name} ${isa} ${shared}`;
  let module = compiled.get(key);
  if (!module) {
    module = kernelBytes(name, isa)
      .then((bytes) => WebAssembly.compile(shared ? withSharedMemory(bytes) : bytes))
      .catch((cause: Error) => {
        compiled.delete(key);
        throw refused(cause);
      });
    compiled.set(key, module);
  }
  return module;
}

/** The error for a valid module that the host does not compile, by its rules or for lack of memory. */
function refused(cause: Error): EngineError {
  return new EngineError(
    {
      where: "wasm engine",
      found: `WebAssembly that this host does not compile (${cause.message})`,
      hint: `a page's content security policy has to say script-src 'wasm-unsafe-eval'; where a host compiles nothing at run time, give load() the option kernels`,
    },
    { cause },
  );
}

/** `(import "env" "memory" (memory ...))` in the binary format, up to the flags of the memory's limits. */
const MEMORY_IMPORT = [3, ...ascii("env"), 6, ...ascii("memory"), 2];
const HAS_MAXIMUM = 1;
const HAS_MAXIMUM_AND_SHARED = 3;

/** A module must declare whether its imported memory is shared. Only that byte differs. */
function withSharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte));
  const flags = at + MEMORY_IMPORT.length;
  if (at < 0 || bytes[flags] !== HAS_MAXIMUM) {
    throw new EngineError({ where: "wasm engine", found: "kernels that import no bounded memory" });
  }
  const patched = bytes.slice();
  patched[flags] = HAS_MAXIMUM_AND_SHARED;
  return patched;
}

function ascii(text: string): number[] {
  return Array.from(text, (c) => c.charCodeAt(0));
}

/** The bytes of a module, for callers that pass them on. */
export async function kernelBytes(name: ModuleName, isa: Isa): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await generated[name][isa]();
  return fromHex(bytes);
}
