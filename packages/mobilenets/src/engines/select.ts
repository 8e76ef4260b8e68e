import { OptionError, UnsupportedError } from "../errors.ts";
import { show } from "../show.ts";
import type { Engine } from "./engine.ts";
import { type OnnxRuntimeOptions, onnxruntime } from "./onnxruntime.ts";
import { reference } from "./reference.ts";
import { type WasmOptions, wasm } from "./wasm.ts";

/** Options of all engines; each engine uses its own. */
export type SelectOptions = Pick<WasmOptions, "threads" | "kernels" | "simdBits"> &
  Pick<OnnxRuntimeOptions, "providers">;

interface Entry {
  /** The engine's options besides `threads`, which every engine has. */
  readonly options: readonly (keyof SelectOptions)[];
  readonly make: (options: SelectOptions, warn: Warn) => Engine;
}

/** Receives a sentence for the user. */
type Warn = (note: string) => void;

const engines = {
  /** The fastest engine that runs here. */
  auto: {
    options: ["kernels", "simdBits"],
    make: (options, warn) => firstSupporting([() => wasm(options), () => reference], warn),
  },
  wasm: { options: ["kernels", "simdBits"], make: wasm },
  /** Native speed and GPUs, if one of ONNX Runtime's packages is installed. */
  onnxruntime: { options: ["providers"], make: onnxruntime },
  reference: { options: [], make: () => reference },
} satisfies Record<string, Entry> as Readonly<Record<EngineName, Entry>>;

/** Name of an engine, or `auto`. */
export type EngineName = "auto" | "wasm" | "onnxruntime" | "reference";

/** Names of all engines, `auto` first. */
export const engineNames = Object.keys(engines) as readonly EngineName[];

/**
 * @param warn called when `auto` falls back to a slower engine. Default `console.warn`
 * @throws OptionError for an unknown name, or an option that the engine does not have
 */
export function selectEngine(name: string, options: SelectOptions = {}, warn: Warn = console.warn): Engine {
  if (!Object.hasOwn(engines, name)) {
    throw new OptionError({
      where: "engine",
      found: show(name),
      expected: `one of ${engineNames.join(", ")}`,
    });
  }
  const { options: own, make } = engines[name as EngineName];
  for (const option of Object.keys(options) as (keyof SelectOptions)[]) {
    if (option === "threads" || options[option] === undefined || own.includes(option)) continue;
    const owners = engineNames.filter((other) => engines[other].options.includes(option));
    const found = `given for engine ${name}`;
    throw new OptionError({ where: option, found, expected: `engine ${owners.join(" or ")}` });
  }
  return make(options, warn);
}

/**
 * An engine that tries several in order. If one throws an UnsupportedError, the next takes over permanently. Any other
 * error goes to the caller.
 */
export function firstSupporting(makers: readonly (() => Engine)[], warn: Warn): Engine {
  const left = [...makers];
  const mayTryNext = (error: unknown) => error instanceof UnsupportedError && left.length > 0;
  function nextAfter(error: unknown): Engine {
    if (!mayTryNext(error)) throw error;
    const following = next();
    warn(`${(error as Error).message}; the engine "${following.name}" takes over, which may be much slower`);
    return following;
  }
  function next(): Engine {
    const make = left.shift() as () => Engine;
    try {
      return make();
    } catch (error) {
      return nextAfter(error);
    }
  }
  let engine = next();
  return {
    get name() {
      return engine.name;
    },
    get details() {
      return engine.details;
    },
    async compile(...program) {
      for (;;) {
        try {
          return await engine.compile(...program);
        } catch (error) {
          engine = nextAfter(error);
        }
      }
    },
  };
}
