import { mapAhead } from "../pictures/map-ahead.ts";
import type { Chunk } from "./chunks.ts";
import { type Entry, signatureOf } from "./entry.ts";
import type { KnownRow } from "./known-rows.ts";
import type { PartModel, PartRow } from "./parquet/columns.ts";
import { partBytes } from "./parquet/write-part.ts";

/** A picture to compute, if its file is another than it was. */
export interface Task {
  readonly entry: Entry;
  /** Hash of the file that the known row is of. */
  readonly known?: string;
}

/** What became of a task: a row, or nothing new. */
export type Outcome = PartRow | "unchanged";

/** Computes rows, one for each task and in their order. */
export type Compute = (tasks: readonly Task[], signal?: AbortSignal) => AsyncIterable<Outcome>;

/** An entry of a chunk: to be read, or a row of an older part to be kept as it is, its picture not being at hand. */
export type ChunkEntry = Entry & { readonly kept?: true };

export interface MadePart {
  readonly bytes: Uint8Array;
  /** By row. */
  readonly signatures: readonly string[];
  /** Rows that are errors. */
  readonly failed: number;
  /** Whether nothing but rows that were known came in. */
  readonly unchanged: boolean;
}

/** Requests for the size and time of files at once. */
const STATS_AHEAD = 32;

/**
 * Makes a part of a chunk. All ways to work on several machines call it. The bytes depend on the pictures, the model
 * and the instruction set alone.
 * @param known rows of older parts, taken over where the picture is the same
 * @param retry compute pictures again that failed
 * @param onRow told of each row that is done
 */
export async function makePart(
  { entries }: Chunk<ChunkEntry>,
  model: PartModel,
  compute: Compute,
  {
    known = async () => undefined,
    retry = false,
    signal,
    onRow = () => {},
  }: {
    readonly known?: (id: string) => Promise<KnownRow | undefined>;
    readonly retry?: boolean;
    readonly signal?: AbortSignal;
    readonly onRow?: (row: PartRow) => void;
  } = {},
): Promise<MadePart> {
  const rows: (PartRow | undefined)[] = [];
  const old: (PartRow | undefined)[] = [];
  const signatures: string[] = [];
  const tasks: Task[] = [];
  // It is taken before the files are read, so that a file which changes meanwhile is found changed the next time.
  for await (const signature of mapAhead(entries, currentSignature, STATS_AHEAD)) {
    const i = signatures.length;
    const entry = entries[i];
    const before = await known(entry.id);
    const failed = retry && before?.row.error !== undefined;
    const same = entry.kept || (before?.signature !== undefined && before.signature === signature);
    signatures.push(signature || (before?.signature ?? ""));
    old.push(before?.row);
    if (before && same && !failed) {
      const row = { ...before.row, path: entry.path };
      rows.push(row);
      onRow(row);
      continue;
    }
    rows.push(undefined);
    tasks.push({ entry, known: failed ? undefined : before?.row.sha256 });
  }
  const places = rows.flatMap((row, i) => (row ? [] : [i]));
  let next = 0;
  let changed = 0;
  for await (const outcome of compute(tasks, signal)) {
    const place = places[next++];
    if (outcome !== "unchanged") changed++;
    rows[place] = outcome === "unchanged" ? { ...old[place]!, path: entries[place].path } : outcome;
    onRow(rows[place]);
  }
  signal?.throwIfAborted();
  const all = rows as readonly PartRow[];
  const failed = all.filter(({ error }) => error !== undefined).length;
  return { bytes: partBytes(all, model), signatures, failed, unchanged: changed === 0 };
}

async function currentSignature(entry: ChunkEntry): Promise<string> {
  return entry.kept ? "" : signatureOf(entry);
}
