import { random } from "../../packages/mobilenets/src/random.ts";
import { below, weighted } from "./dice.ts";
import { formats } from "./formats.ts";
import type { Case, Specimen } from "./specimen.ts";
import type { Way } from "./watch/attempt.ts";

/** A case with its number, which alone determines it. */
export interface NumberedCase extends Case {
  readonly specimen: string;
  readonly way: Way;
}

export function caseOf(specimens: readonly Specimen[], seed: number, i: number): NumberedCase {
  const rng = random(seed * 0x85ebca6b + i * 0x9e3779b1);
  const specimen = specimens[below(rng, specimens.length)];
  const made = specimen.make(rng);
  const hasCompanions = Object.keys(made.files).length > 1;
  const way = weighted<Way>(rng, [
    [hasCompanions ? 5 : 3, "path"],
    [1, "file URL"],
    [hasCompanions ? 3 : 0.3, "http URL"],
    [hasCompanions ? 1 : 3, "bytes"],
  ]);
  return { ...made, specimen: specimen.name, way };
}

export async function specimensOf(format: string): Promise<readonly Specimen[]> {
  return formats[format]();
}
