import { type Chunk, cutChunks, sortedById } from "./chunks.ts";
import type { Entry } from "./entry.ts";
import type { KnownRows } from "./known-rows.ts";
import type { ChunkEntry } from "./make-part.ts";

/** What a run has to do: the parts that the folder is to hold, and those that go. */
export interface Plan {
  readonly chunks: readonly Chunk<ChunkEntry>[];
  /** Parts whose rows other parts take over, or, when pruning, nobody. */
  readonly obsolete: readonly string[];
  /** Rows that are kept though their pictures are not among the inputs. */
  readonly kept: number;
}

/** Of a part that a whole archive behind a URL became: it is cut nowhere, and taken up in no other part. */
export const ARCHIVE_PREFIX = "tar-";

export interface PlanOptions {
  /** Most pictures in a part. */
  readonly chunkSize: number;
  /** Hash of all that decides the numbers. */
  readonly model: string;
  /** Forget rows whose pictures are not among the inputs. */
  readonly prune: boolean;
  /** Whether a picture is not to be in the store, whatever the inputs say. */
  readonly isForgotten: (id: string) => boolean;
}

/**
 * Cuts the inputs, and what the folder holds beside them, into chunks. It depends on the inputs and on the pictures in the
 * folder, not on how far an earlier run came: all processes that are given the same come to the same plan.
 * @param existing names of the parts in the folder
 * @param known is made to know the rows of obsolete parts
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
  for (const name of unknown) {
    for (const { id, path } of await known.add(name)) {
      if (!ids.has(id) && !prune && !isForgotten(id)) absent.push({ id, path, kept: true });
    }
  }
  if (absent.length === 0) return { chunks: alone, obsolete: unknown, kept: 0 };
  const all = sortedById([...manifest, ...absent]);
  const chunks = cutChunks(all, chunkSize, model);
  return { chunks, obsolete: without(pictures, chunks), kept: all.length - manifest.length };
}

function without(existing: ReadonlySet<string>, chunks: readonly { readonly name: string }[]): string[] {
  const planned = new Set(chunks.map(({ name }) => name));
  return [...existing].filter((name) => !planned.has(name)).sort();
}
