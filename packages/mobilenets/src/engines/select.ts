import { OptionError } from "../errors.ts";
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

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** @throws OptionError listing the names, or for an option that the engine does not have */
export function selectEngine(name: string, options: EngineOptions = {}): Engine {
  if (!Object.hasOwn(engines, name)) {
    throw new OptionError({
      where: "engine",
      found: JSON.stringify(name),
      expected: `one of ${engineNames.join(", ")}`,
    });
  }
  if (options.providers && name !== "onnxruntime") {
    throw new OptionError({
      where: "providers",
      found: `${options.providers.join(", ")} for engine ${name}`,
      expected: "none",
      hint: "they are ONNX Runtime's: use engine onnxruntime",
    });
  }
  const make: (options: EngineOptions) => Engine = engines[name as EngineName];
  return make(options);
}
