import { access, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "mobilenets";
import { checkSameRun, type RunRecord, readRun, writeRun } from "./run-record.ts";
import { FEATURES, FeatureStore, ITEMS } from "./store.ts";

/**
 * Opens the store in `dir`: continues its run, or begins a new one.
 * @param now the settings that decide the numbers
 * @param measureDim returns the numbers per row; only called for a new run
 * @throws OptionError if the run in `dir` was begun with other settings or pictures, or the files are not a run's
 */
export async function openRun(
  dir: string,
  inputs: readonly string[],
  now: Omit<RunRecord, "dim">,
  measureDim: () => Promise<number>,
  overwrite = false,
): Promise<FeatureStore> {
  const begun = overwrite ? undefined : await readRun(dir);
  if (begun) {
    checkSameRun(dir, begun, now);
    return FeatureStore.open(dir, inputs, begun.dim);
  }
  const files = [ITEMS, FEATURES].map((name) => join(dir, name));
  if (!overwrite) await Promise.all(files.map(refuseExisting));
  const dim = await measureDim();
  await mkdir(dir, { recursive: true });
  if (overwrite) await Promise.all(files.map((file) => rm(file, { force: true })));
  await writeRun(dir, { ...now, dim });
  return FeatureStore.open(dir, inputs, dim);
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new OptionError({
    where: path,
    found: "a file that no run.json belongs to",
    expected: "an empty folder or an earlier run",
    hint: "--overwrite replaces it",
  });
}
