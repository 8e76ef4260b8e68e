import { createHash } from "node:crypto";

/** Consecutive pictures of the manifest that become one part. */
export interface Chunk<T extends { readonly id: string }> {
  /** File name without its extension: the hash of the model and the ids. */
  readonly name: string;
  readonly entries: readonly T[];
}

/** Default for the most pictures in a part: some 20 s of work, 5 MB of MobileNetV2's features. */
export const DEFAULT_CHUNK = 1000;

/**
 * Cuts a manifest, sorted by id. The hash of an id decides whether a chunk ends there. A chunk ends at the latest after
 * `most` entries. An added or removed picture moves only the borders near it, so the other parts stay as they are.
 * @param model hash of all settings that decide the numbers
 */
export function cutChunks<T extends { readonly id: string }>(sorted: readonly T[], most: number, model: string) {
  const chunks: Chunk<T>[] = [];
  const least = Math.ceil(most / 4);
  const spacing = Math.ceil(most / 2);
  let start = 0;
  for (let i = 0; i < sorted.length; i++) {
    const length = i + 1 - start;
    const full = length >= most;
    if (!full && i + 1 < sorted.length && (length < least || hash32(sorted[i].id) % spacing !== 0)) continue;
    const entries = sorted.slice(start, i + 1);
    chunks.push({ name: chunkName(entries, model), entries });
    start = i + 1;
  }
  return chunks;
}

export function chunkName(entries: readonly { readonly id: string }[], model: string): string {
  const hash = createHash("sha256").update(model);
  for (const { id } of entries) hash.update(`\n${JSON.stringify(id)}`);
  return hash.digest("hex").slice(0, 32);
}

/** FNV-1a of the id's UTF-16 code units, with the upper bits mixed into the lower ones. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

/** Sorts by id, in the order of code units. Of several entries with one id, the first stays. */
export function sortedById<T extends { readonly id: string }>(entries: Iterable<T>): T[] {
  const byId = new Map<string, T>();
  for (const entry of entries) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
