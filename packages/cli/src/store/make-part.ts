import { mapAhead } from "../pictures/map-ahead.ts";
import type { Chunk } from "./chunks.ts";
import { type Entry, signatureOf } from "./entry.ts";
import type { KnownRow } from "./known-rows.ts";
import type { PartModel, PartRow } from "./parquet/columns.ts";
import { partBytes } from "./parquet/write-part.ts";

/** A picture to compute if its file has changed. */
export interface Task {
  readonly entry: Entry;
  /** Hash of the known row's file. */
  readonly known?: string;
  /** True if the known row has an error. */
  readonly failed?: boolean;
}

/** Result of a task: a row, or nothing new. */
export type Outcome = PartRow | "unchanged";

/** Computes one row per task, in their order. */
export type Compute = (tasks: readonly Task[], signal?: AbortSignal) => AsyncIterable<Outcome>;

/** An entry of a chunk: a picture to read, or a row of an older part to keep without its picture. */
export type ChunkEntry = Entry & { readonly kept?: true };

export interface MadePart {
  readonly bytes: Uint8Array;
  /** One per row. */
  readonly signatures: readonly string[];
  /** Number of rows with an error. */
  readonly failed: number;
  /** True if all rows were known, with these paths. */
  readonly unchanged: boolean;
}

/** Files whose size and time are asked for at once. */
const STATS_AHEAD = 32;

/**
 * Makes a part from a chunk. Every way to use several machines calls it. The bytes depend only on the pictures, the
 * model and the instruction set.
 * @param known rows of older parts, reused where the picture is the same
 * @param retry compute failed pictures again
 * @param onRow called with each finished row; `computed` is false for one of an older part
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
    readonly onRow?: (row: PartRow, computed: boolean) => void;
  } = {},
): Promise<MadePart> {
  const rows: (PartRow | undefined)[] = [];
  const old: (PartRow | undefined)[] = [];
  const signatures: string[] = [];
  const tasks: Task[] = [];
  let changed = 0;
  // The signatures come first. The next run then detects a file that changes meanwhile.
  for await (const signature of mapAhead(entries, currentSignature, STATS_AHEAD)) {
    const i = signatures.length;
    const entry = entries[i];
    const before = await known(entry.id);
    const failed = before?.row.error !== undefined;
    const same = entry.kept || (before?.signature !== undefined && before.signature === signature);
    signatures.push(signature || (before?.signature ?? ""));
    old.push(before?.row);
    if (before && same && !(failed && retry)) {
      const row = { ...before.row, path: entry.path };
      if (before.row.path !== entry.path) changed++;
      rows.push(row);
      onRow(row, false);
      continue;
    }
    rows.push(undefined);
    tasks.push({ entry, known: failed && retry ? undefined : before?.row.sha256, failed });
  }
  const places = rows.flatMap((row, i) => (row ? [] : [i]));
  let next = 0;
  for await (const outcome of compute(tasks, signal)) {
    const place = places[next++];
    if (outcome !== "unchanged" || old[place]!.path !== entries[place].path) changed++;
    rows[place] = outcome === "unchanged" ? { ...old[place]!, path: entries[place].path } : outcome;
    onRow(rows[place], outcome !== "unchanged");
  }
  signal?.throwIfAborted();
  const all = rows as readonly PartRow[];
  const failed = all.filter(({ error }) => error !== undefined).length;
  return { bytes: partBytes(all, model), signatures, failed, unchanged: changed === 0 };
}

async function currentSignature(entry: ChunkEntry): Promise<string> {
  return entry.kept ? "" : signatureOf(entry);
}
