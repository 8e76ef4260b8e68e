import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "mobilenets";
import { CHECKPOINTS } from "./checkpoint.ts";

/** The files of a training run's folder. */

export const MODEL = "model.safetensors";
export const RECIPE = "recipe.json";
export const RECORD = "run.json";
export const HISTORY = "history.jsonl";
export const REPORT = "report.html";

const files = [MODEL, RECIPE, RECORD, HISTORY, REPORT, CHECKPOINTS];

/**
 * Checks that a run can begin or resume in the folder. Changes nothing.
 * @throws OptionError for an earlier run without `resume` or `overwrite`, or no run to resume
 */
export async function checkRunFolder(dir: string, how: { resume?: true; overwrite?: true }): Promise<void> {
  if (how.resume && how.overwrite) {
    throw new OptionError({ where: "--resume", found: "--overwrite as well", expected: "one of the two" });
  }
  const begun = await access(join(dir, RECORD)).then(
    () => true,
    () => false,
  );
  if (how.resume) {
    if (begun) return;
    throw new OptionError({ where: dir, found: "no run to go on with", hint: "leave --resume out to begin one" });
  }
  if ((await stat(dir).catch(() => undefined))?.isFile()) {
    throw new OptionError({ where: `--out ${dir}`, found: "a file", expected: "a folder, or a name that is free" });
  }
  if (how.overwrite) return;
  const own = (await readdir(dir).catch(() => [])).filter((name) => files.includes(name));
  if (own.length === 0) return;
  throw new OptionError({
    where: dir,
    found: `an earlier run (${own.join(", ")})`,
    expected: "a new folder",
    hint: begun ? "--resume goes on with it, --overwrite throws it away" : "--overwrite throws it away",
  });
}

/** Makes the folder, and removes the files of an earlier run. */
export async function clearRunFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of files) await rm(join(dir, name), { recursive: true, force: true });
}
