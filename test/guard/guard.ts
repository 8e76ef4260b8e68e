// The guard of refactorings: hashes of all plans, kernels and outputs, beside those that are committed.
import { readFileSync, writeFileSync } from "node:fs";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import type { Hashes } from "./hash.ts";
import { kernelHashes } from "./kernels.ts";
import { outputHashes } from "./outputs.ts";
import { planHashes } from "./plans.ts";

const file = new URL("hashes.json", import.meta.url);

/** The file's sections. */
export type Section = "kernels" | "plans" | "outputs, simd" | "outputs, relaxed";
export type Guard = Readonly<Partial<Record<Section, Hashes>>>;

/** The hashes of the code as it is; without relaxed SIMD's section where this host has no relaxed SIMD. */
export async function takeHashes(): Promise<Guard> {
  return {
    kernels: await kernelHashes(),
    plans: planHashes(),
    "outputs, simd": await outputHashes("simd"),
    ...(supports("relaxed") && { "outputs, relaxed": await outputHashes("relaxed") }),
  };
}

export function readHashes(): Required<Guard> {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function writeHashes(guard: Guard): void {
  writeFileSync(file, `${JSON.stringify(guard, null, 2)}\n`);
}

/**
 * What has moved: a line for each name whose hash is another now, or that is in one list alone. Training steps are taken
 * on one instruction set only, so a name of theirs may be missing now.
 */
export function differences(before: Guard, now: Guard): string[] {
  const lines: string[] = [];
  for (const [section, hashes] of Object.entries(now)) {
    const old = before[section as Section] ?? {};
    for (const name of new Set([...Object.keys(old), ...Object.keys(hashes)])) {
      const unasked = section.startsWith("outputs") && name.endsWith(" training") && !(name in hashes);
      if (old[name] !== hashes[name] && !unasked) {
        lines.push(`${section}: ${name}: ${old[name] ?? "not there"} before, ${hashes[name] ?? "not there"} now`);
      }
    }
  }
  return lines;
}
