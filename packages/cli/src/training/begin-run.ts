import { join } from "node:path";
import { OptionError } from "mobilenets";
import type { TrainState } from "mobilenets/train";
import type { WritableModel } from "mobilenets/weights";
import { fingerprint } from "../extract/run-record.ts";
import { readJsonObject } from "../read-json.ts";
import { version } from "../version.ts";
import { writeAtomic } from "../write-atomic.ts";
import { prepareCheckpoints, readCheckpoint } from "./checkpoint.ts";
import type { TrainFlags } from "./flags.ts";
import { fingerprintOf, type TrainingSets } from "./open-data.ts";
import type { Recipe } from "./recipe.ts";
import { clearRunFolder, RECIPE, RECORD } from "./run-folder.ts";

/** The record of a new run, in addition to its recipe. */
export interface RunRecord {
  readonly version: string;
  readonly data: string;
  readonly val?: string;
  readonly pictures: { readonly training: number; readonly validation: number };
  /** Hashes of the pictures' names and labels, and of the network before training, hexadecimal. */
  readonly fingerprints: { readonly data: string; readonly model: string };
}

export function describeRun(data: string, flags: TrainFlags, sets: TrainingSets, model: WritableModel): RunRecord {
  return {
    version,
    data,
    val: flags.val,
    pictures: { training: sets.trainIndices.length, validation: sets.validationIndices.length },
    fingerprints: { data: fingerprintOf(sets), model: fingerprint(model) },
  };
}

/** Clears the folder for a new run, and writes its recipe and then its record, which marks the run as begun. */
export async function beginRun(dir: string, record: RunRecord, recipe: Recipe): Promise<void> {
  await clearRunFolder(dir);
  await prepareCheckpoints(dir);
  await writeAtomic(join(dir, RECIPE), `${JSON.stringify(recipe, null, 2)}\n`);
  await writeAtomic(join(dir, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Reads the state to resume from. Undefined if the run stopped before its first checkpoint.
 * @throws OptionError if the pictures or the weights have changed
 */
export async function resumeRun(dir: string, now: RunRecord): Promise<TrainState | undefined> {
  const begun = await readRecord(dir);
  for (const what of ["data", "model"] as const) {
    if (begun.fingerprints[what] === now.fingerprints[what]) continue;
    const found = what === "data" ? "other pictures or labels" : "other weights to begin with";
    const { training, validation } = begun.pictures;
    throw new OptionError({
      where: dir,
      found: `${found} than the run was begun with`,
      expected:
        what === "data" ? `${training} to train and ${validation} to validate with, of ${begun.data}` : undefined,
      hint: "a run goes on only where nothing has changed; --overwrite starts anew, --out elsewhere keeps both",
    });
  }
  await prepareCheckpoints(dir);
  return readCheckpoint(dir);
}

export async function readRecord(dir: string): Promise<RunRecord> {
  const path = join(dir, RECORD);
  const hint = "--overwrite starts anew";
  const record = (await readJsonObject(path, hint)) as Partial<RunRecord>;
  const { data, pictures, fingerprints } = record;
  const texts = [data, fingerprints?.data, fingerprints?.model];
  const counts = [pictures?.training, pictures?.validation];
  if (texts.every((text) => typeof text === "string") && counts.every(Number.isInteger)) return record as RunRecord;
  const expected = "data, pictures and fingerprints, as a run has written them";
  throw new OptionError({ where: path, found: "an object without some of them", expected, hint });
}
