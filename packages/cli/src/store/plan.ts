import { ReadError } from "mobilenets";
import { type Chunk, chunkName, cutChunks, sortedById } from "./chunks.ts";
import type { Entry } from "./entry.ts";
import type { KnownRows } from "./known-rows.ts";
import type { ChunkEntry } from "./make-part.ts";
import { PART_EXTENSION, PARTS } from "./parts-store.ts";

/** The work of a run: the parts to make, and those to remove. */
export interface Plan {
  readonly chunks: readonly Chunk<ChunkEntry>[];
  /** Parts to remove. Other parts take over their rows, except pruned ones. */
  readonly obsolete: readonly string[];
  /** Number of rows that are kept without pictures among the inputs. */
  readonly kept: number;
  /** Number of rows that are removed, as their pictures are not among the inputs. */
  readonly pruned: number;
}

/** Starts the name of a part made from a whole archive. Such a part is never cut or merged. */
export const ARCHIVE_PREFIX = "tar-";

export interface PlanOptions {
  /** Most pictures in a part. */
  readonly chunkSize: number;
  /** Hash of all settings that decide the numbers. */
  readonly model: string;
  /** Drop rows without pictures among the inputs. */
  readonly prune: boolean;
  /** True for a picture that stays out of the store even if it is among the inputs. */
  readonly isForgotten: (id: string) => boolean;
}

/**
 * Cuts the inputs, and the other pictures of the folder, into chunks. The plan depends on these pictures only, not on
 * the progress of an earlier run, so all processes with the same inputs make the same plan.
 * @param existing names of the parts in the folder
 * @param known gets the rows of obsolete parts
 * @throws ReadError for a part of another model
 */
export async function planParts(
  inputs: Iterable<Entry>,
  existing: ReadonlySet<string>,
  known: KnownRows,
  { chunkSize, model, prune, isForgotten }: PlanOptions,
): Promise<Plan> {
  const manifest = sortedById(inputs).filter(({ id }) => !isForgotten(id));
  const alone = cutChunks<ChunkEntry>(manifest, chunkSize, model);
  const pictures = new Set([...existing].filter((name) => !name.startsWith(ARCHIVE_PREFIX)));
  const unknown = without(pictures, alone);
  const ids = new Set(unknown.length > 0 ? manifest.map(({ id }) => id) : []);
  const absent: ChunkEntry[] = [];
  let pruned = 0;
  for (const name of unknown) {
    const rows = await known.add(name);
    checkModel(name, rows, model);
    for (const { id, path } of rows) {
      if (ids.has(id) || isForgotten(id)) continue;
      if (prune) pruned++;
      else absent.push({ id, path, kept: true });
    }
  }
  if (absent.length === 0) return { chunks: alone, obsolete: unknown, kept: 0, pruned };
  const all = sortedById([...manifest, ...absent]);
  const chunks = cutChunks(all, chunkSize, model);
  return { chunks, obsolete: without(pictures, chunks), kept: all.length - manifest.length, pruned };
}

/**
 * Checks that a part is of this model. A part that was copied from elsewhere, or is left of a lost run.json, may be of
 * another one, and its vectors must not be taken over.
 * @throws ReadError for a part of another model
 */
export function checkModel(name: string, rows: readonly { readonly id: string }[], model: string): void {
  if (chunkName(rows, model) === name) return;
  throw new ReadError({
    where: `${PARTS}/${name}${PART_EXTENSION}`,
    found: "rows of another model, or of other settings",
    expected: "those of run.json",
    hint: "move it to another folder; --overwrite starts anew",
  });
}

function without(existing: ReadonlySet<string>, chunks: readonly { readonly name: string }[]): string[] {
  const planned = new Set(chunks.map(({ name }) => name));
  return [...existing].filter((name) => !planned.has(name)).sort();
}
