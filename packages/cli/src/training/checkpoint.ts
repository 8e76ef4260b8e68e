import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Tensor, WeightsError } from "mobilenets";
import type { TrainProgress, TrainState } from "mobilenets/train";
import { readSafetensors, writeSafetensors } from "mobilenets/weights";
import { writeAtomic } from "../write-atomic.ts";

/** Reads and writes checkpoints of a training run. */

export const CHECKPOINTS = "checkpoints";
export const LAST = join(CHECKPOINTS, "last.safetensors");
/** The model of the best epoch. */
export const BEST = join(CHECKPOINTS, "best.safetensors");

const FORMAT = "mobilenets-checkpoint-1";

/** Writes the step's tensors, with the progress in the metadata, as one file. Replaces it whole or not at all. */
export async function writeCheckpoint(dir: string, { tensors, progress }: TrainState): Promise<void> {
  const metadata = { format: FORMAT, progress: JSON.stringify(progress, namedNumbers) };
  await writeAtomic(join(dir, LAST), writeSafetensors(tensors, metadata));
}

/**
 * @returns undefined if there is no checkpoint
 * @throws WeightsError for another file, or another version
 */
export async function readCheckpoint(dir: string): Promise<TrainState | undefined> {
  const path = join(dir, LAST);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  const { tensors, metadata } = readSafetensors(bytes, path);
  if (metadata.format !== FORMAT) {
    const hint = "was it written by another version? --overwrite starts anew";
    throw new WeightsError({ where: path, found: `format ${metadata.format}`, expected: FORMAT, hint });
  }
  return { tensors: tensors as Record<string, Tensor>, progress: parseProgress(metadata.progress, path) };
}

function parseProgress(text: string | undefined, where: string): TrainProgress {
  let progress: Partial<TrainProgress> | undefined;
  try {
    progress = JSON.parse(text ?? "", numbersByName);
  } catch {}
  if (progress && [progress.epoch, progress.step].every(Number.isInteger)) return progress as TrainProgress;
  const hint = "was it changed? --overwrite starts anew";
  throw new WeightsError({ where, found: "no valid progress", hint });
}

/** Makes the folder of checkpoints. Removes temporary files of a killed run from it and from the run's folder. */
export async function prepareCheckpoints(dir: string): Promise<void> {
  await mkdir(join(dir, CHECKPOINTS), { recursive: true });
  for (const folder of [dir, join(dir, CHECKPOINTS)]) {
    const left = (await readdir(folder)).filter((name) => name.endsWith(".tmp"));
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
  }
}

/** Writes NaN and infinities by name, as JSON lacks them. An accuracy without classes is NaN. */
function namedNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function numbersByName(_key: string, value: unknown): unknown {
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
}
