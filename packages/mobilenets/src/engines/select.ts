import { OptionError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { reference } from "./reference.ts";

export const engineNames = ["auto", "reference"] as const;

export type EngineName = (typeof engineNames)[number];

/** @throws OptionError listing the names */
export async function selectEngine(name: string): Promise<Engine> {
  if (name === "reference" || name === "auto") return reference;
  throw new OptionError({ where: "engine", found: JSON.stringify(name), expected: `one of ${engineNames.join(", ")}` });
}
