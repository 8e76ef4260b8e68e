import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { NumberedCase } from "./cases.ts";
import type { Case } from "./specimen.ts";
import type { Way } from "./watch/attempt.ts";

const ABOUT = "case.json";

/**
 * Saves a case with its files, so that it can be tried again without the fuzzer's generator.
 * @returns the folder
 */
export function saveFinding(root: string, name: string, made: NumberedCase, problems: readonly string[]): string {
  const folder = join(root, name);
  const { files, ...about } = made;
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(folder, "files", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  const changes = about.changes.map((change) => change.slice(0, 500));
  writeFileSync(join(folder, ABOUT), `${JSON.stringify({ ...about, changes, problems }, undefined, 2)}\n`);
  return folder;
}

/** Reads a case that `saveFinding` wrote. */
export function readFinding(folder: string): Case & { readonly way: Way } {
  const about = JSON.parse(readFileSync(join(folder, ABOUT), "utf8")) as Omit<NumberedCase, "files">;
  const root = join(folder, "files");
  const paths = (readdirSync(root, { recursive: true }) as string[]).filter((path) =>
    statSync(join(root, path)).isFile(),
  );
  return {
    ...about,
    files: Object.fromEntries(
      paths.map((path) => [relative(root, join(root, path)), Uint8Array.from(readFileSync(join(root, path)))]),
    ),
  };
}
