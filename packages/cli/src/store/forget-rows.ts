import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError, ReadError } from "mobilenets";
import { readRun } from "../extract/run-record.ts";
import { printable } from "../printable.ts";
import { withRunLock } from "../run-lock.ts";
import { INDEX } from "../search/index/record.ts";
import { Forgotten } from "./forgotten.ts";
import { KnownRows, readPartRows } from "./known-rows.ts";
import { type Compute, makePart } from "./make-part.ts";
import { PartsFolder } from "./parts-folder.ts";
import { ARCHIVE_PREFIX, planParts } from "./plan.ts";
import { Sharing } from "./sharing.ts";
import { hashOf, partModel } from "./to-parts.ts";

/** Rows taken out of a store. */
export interface ForgottenRows {
  /** Ids of the rows. */
  readonly ids: readonly string[];
  /** Requested ids and paths that no row has. */
  readonly missing: readonly string[];
  /** True if an index was removed. */
  readonly index: boolean;
}

/**
 * Takes rows out of a store for good. Their parts are written anew without them, and `extract` leaves their pictures
 * out from now on.
 * @param wanted ids or paths
 * @throws OptionError for a store without parts, ReadError for no store, RunLockedError while a process works on it
 */
export async function forgetRows(dir: string, wanted: readonly string[]): Promise<ForgottenRows> {
  const record = await partsRecord(dir);
  const { dim } = record;
  const folder = new PartsFolder(dir);
  return withRunLock(dir, async () => {
    await new Sharing(dir).checkIdle();
    const existing = await folder.names();
    const known = new KnownRows(folder, dim);
    const asked = new Set(wanted);
    const found = new Set<string>();
    const ids: string[] = [];
    const archives: string[] = [];
    for (const name of existing) {
      const before = ids.length;
      for (const { id, path } of await known.add(name)) {
        if (!asked.has(id) && !asked.has(path)) continue;
        ids.push(id);
        found.add(asked.has(id) ? id : path);
      }
      if (ids.length > before && name.startsWith(ARCHIVE_PREFIX)) archives.push(name);
    }
    const missing = wanted.filter((one) => !found.has(one));
    ids.sort();
    if (ids.length === 0) return { ids, missing, index: false };
    const forgotten = await Forgotten.open(dir);
    // This comes first, so the next run of `extract` finishes the work of a killed process.
    await forgotten.add(ids);
    // The index holds the vectors too.
    const index = (await stat(join(dir, INDEX)).catch(() => undefined)) !== undefined;
    await rm(join(dir, INDEX), { recursive: true, force: true });
    const isForgotten = (id: string) => forgotten.has(id);
    const model = partModel(record);
    const options = { chunkSize: record.parts!.chunkSize, model: hashOf(record), prune: false, isForgotten };
    const { chunks, obsolete } = await planParts([], existing, known, options);
    for (const chunk of chunks) {
      if (existing.has(chunk.name)) continue;
      const made = await makePart(chunk, model, computeNothing, { known: (id) => known.get(id) });
      await folder.put(chunk.name, made.bytes, made);
    }
    for (const name of obsolete) await folder.remove(name);
    for (const name of archives) {
      const rows = await readPartRows(folder.pathOf(name), dim);
      const entries = rows
        .filter(({ id }) => !isForgotten(id))
        .map(({ id, path }) => ({ id, path, kept: true as const }));
      if (entries.length === 0) {
        await folder.remove(name);
        continue;
      }
      const made = await makePart({ name, entries }, model, computeNothing, { known: (id) => known.get(id) });
      const archive = (await folder.seen(name))?.archive;
      await folder.put(name, made.bytes, { ...made, archive });
    }
    return { ids, missing, index };
  });
}

/**
 * Lets the next run of `extract` take the pictures in again.
 * @returns how many of them were forgotten
 */
export async function liftForgotten(dir: string, ids: readonly string[]): Promise<number> {
  await partsRecord(dir);
  return withRunLock(dir, async () => (await Forgotten.open(dir)).lift(ids));
}

async function partsRecord(dir: string) {
  const record = await readRun(dir);
  const where = printable(join(dir, "run.json"));
  if (!record) throw new ReadError({ where, found: "no such file", expected: "a folder that `extract` wrote" });
  if (record.parts) return record;
  const found = "a run that writes features.npy";
  const hint = "leave the picture out of the inputs, and `extract` again with --overwrite";
  throw new OptionError({ where, found, expected: "a run that writes Parquet parts", hint });
}

/** Never has to compute, as all rows are known. */
const computeNothing: Compute = async function* (tasks) {
  for (const { entry } of tasks) yield noRow(entry.path);
};

function noRow(path: string): never {
  throw new ReadError({ where: printable(path), found: "no row any more", hint: "`extract` mends the store" });
}
