import { createHash } from "node:crypto";
import type { Work } from "./bring-part.ts";
import { chunkName } from "./chunks.ts";
import type { Entry } from "./entry.ts";
import type { Forgotten } from "./forgotten.ts";
import { KnownRows } from "./known-rows.ts";
import type { PartsFolder } from "./parts-folder.ts";
import { ARCHIVE_PREFIX, planParts } from "./plan.ts";
import { isRunning } from "./sharing.ts";

/** Inputs and settings of a plan. */
export interface WorkOptions {
  readonly inputs: readonly Entry[];
  /** Addresses of tar archives. */
  readonly archives: readonly string[];
  readonly chunkSize: number;
  /** Numbers per row. */
  readonly dim: number;
  /** Hash of all settings that decide the numbers. */
  readonly modelHash: string;
  readonly prune: boolean;
  readonly forgotten: Forgotten;
}

export interface PlannedWork {
  readonly work: readonly Work[];
  /** Parts to remove once all others exist. */
  readonly obsolete: readonly string[];
  /** Number of rows that are kept without pictures among the inputs. */
  readonly kept: number;
  /** Number of rows that are removed, as their pictures are not among the inputs. */
  readonly pruned: number;
  /** Identifies the plan. */
  readonly key: string;
  readonly known: KnownRows;
}

/** Plans all parts of a folder. Only one process plans at a time: see `Sharing` and `withRunLock`. */
export async function planWork(
  folder: PartsFolder,
  { inputs, archives, chunkSize, dim, modelHash, prune, forgotten }: WorkOptions,
): Promise<PlannedWork> {
  await folder.make();
  await folder.removeUnfinished(isRunning);
  const existing = await folder.names();
  const known = new KnownRows(folder, dim);
  const isForgotten = (id: string) => forgotten.has(id);
  const options = { chunkSize, model: modelHash, prune, isForgotten };
  const { chunks, obsolete, kept, pruned } = await planParts(inputs, existing, known, options);
  const whole = archives.map((url): Work => {
    return { name: `${ARCHIVE_PREFIX}${chunkName([{ id: url }], modelHash)}`, archive: url };
  });
  const work: readonly Work[] = [...chunks, ...whole];
  const names = new Set(work.map(({ name }) => name));
  const gone = prune ? [...existing].filter((name) => name.startsWith(ARCHIVE_PREFIX) && !names.has(name)) : [];
  const rows = await Promise.all(gone.map(async (name) => (await folder.seen(name))?.signatures.length ?? 0));
  const key = createHash("sha256")
    .update([...names].join())
    .digest("hex");
  return {
    work,
    obsolete: [...obsolete, ...gone],
    kept,
    pruned: rows.reduce((sum, count) => sum + count, pruned),
    key,
    known,
  };
}

/** Removes obsolete parts once all planned parts exist, including those of other processes. */
export async function removeObsolete(
  folder: PartsFolder,
  { work, obsolete }: Pick<PlannedWork, "work" | "obsolete">,
): Promise<void> {
  if (obsolete.length === 0) return;
  const names = await folder.names();
  if (!work.every(({ name }) => names.has(name))) return;
  for (const name of obsolete) await folder.remove(name);
}
