import { OptionError } from "../errors.ts";
import { show } from "../show.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { reference } from "./reference.ts";
import { wasm } from "./wasm.ts";

const engines = {
  /** The fastest that runs here. */
  auto: wasm,
  wasm,
  /** Native speed and GPUs, where one of ONNX Runtime's packages is installed. */
  onnxruntime,
  reference: () => reference,
} satisfies Record<string, (options: EngineOptions) => Engine>;

/** Options that only some engines have. */
const owned = { providers: ["onnxruntime"], kernels: ["auto", "wasm"] } satisfies Partial<
  Record<keyof EngineOptions, readonly EngineName[]>
> as Record<"providers" | "kernels", readonly string[]>;

/** What runs a network: `auto`, `wasm`, `onnxruntime` or `reference`. */
export type EngineName = keyof typeof engines;

/** All engines, `auto` first. */
export const engineNames = Object.keys(engines) as readonly EngineName[];

/** @throws OptionError listing the names, or for an option that the engine does not have */
export function selectEngine(name: string, options: EngineOptions = {}): Engine {
  if (!Object.hasOwn(engines, name)) {
    throw new OptionError({
      where: "engine",
      found: show(name),
      expected: `one of ${engineNames.join(", ")}`,
    });
  }
  for (const [option, owners] of Object.entries(owned)) {
    if (options[option as keyof typeof owned] === undefined || owners.includes(name)) continue;
    const found = `given for engine ${name}`;
    throw new OptionError({ where: option, found, expected: `engine ${owners.join(" or ")}` });
  }
  const make: (options: EngineOptions) => Engine = engines[name as EngineName];
  return make(options);
}
