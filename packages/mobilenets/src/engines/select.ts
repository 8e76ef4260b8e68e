import { OptionError } from "../errors.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { reference } from "./reference.ts";
import { wasm } from "./wasm.ts";

const engines = {
  /** The fastest that runs here. */
  auto: wasm,
  wasm,
  reference: () => reference,
} satisfies Record<string, (options: EngineOptions) => Engine>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** @throws OptionError listing the names */
export function selectEngine(name: string, options: EngineOptions = {}): Engine {
  if (Object.hasOwn(engines, name)) return engines[name as EngineName](options);
  throw new OptionError({ where: "engine", found: JSON.stringify(name), expected: `one of ${engineNames.join(", ")}` });
}
