import { access } from "node:fs/promises";
import { ReadError } from "mobilenets";
import { diagnostic } from "../output.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import { sortedById } from "./chunks.ts";
import { type Entry, isRemote, signatureOf } from "./entry.ts";
import type { Forgotten } from "./forgotten.ts";
import type { KnownRows } from "./known-rows.ts";
import { type ChunkEntry, type Compute, type MadePart, makePart } from "./make-part.ts";
import type { PartModel } from "./parquet/columns.ts";
import type { PartsFolder } from "./parts-folder.ts";

/** A part to make: of pictures, or of an archive. */
export type Work = { readonly name: string } & (
  | { readonly entries: readonly ChunkEntry[] }
  | { readonly archive: string }
);

/** All that making the parts of a folder needs. */
export interface Workshop {
  readonly folder: PartsFolder;
  readonly model: PartModel;
  readonly compute: Compute;
  readonly forgotten: Forgotten;
  /** Compute failed pictures again. */
  readonly retry: boolean;
  readonly signal: AbortSignal;
  /** Fetches an archive to a file, and lists the pictures in it. */
  readonly openArchive: (url: string, path: string, signal: AbortSignal) => Promise<readonly Entry[]>;
  readonly closeArchive: (path: string) => Promise<void>;
}

/** Number of pictures of a part, and how many of them failed. */
export interface PartCount {
  readonly pictures: number;
  readonly failed: number;
}

/** Counts the pictures of a part. Undefined if the part is missing or its pictures have changed. */
export async function findPart(folder: PartsFolder, work: Work, retry: boolean): Promise<PartCount | undefined> {
  if (!(await exists(folder.pathOf(work.name)))) return undefined;
  const seen = await folder.seen(work.name);
  if (!seen || (retry && seen.failed > 0)) return undefined;
  const { signatures, failed } = seen;
  if ("archive" in work && seen.archive !== (await archiveSignature(work.archive))) return undefined;
  if ("entries" in work) {
    let i = 0;
    for await (const now of mapAhead(work.entries, signatureNow, 32)) {
      if (now !== undefined && now !== signatures[i]) return undefined;
      i++;
    }
  }
  return { pictures: signatures.length, failed };
}

/**
 * Makes a part and puts it into its folder. Every way to use several machines ends here.
 * @param known rows of older parts, reused where a picture is the same
 * @param scratch path of a file for an archive
 * @param onRow called with each finished row
 */
export async function bringPart(
  shop: Workshop,
  work: Work,
  known: KnownRows,
  scratch: string,
  onRow?: (row: { readonly error?: string }, computed: boolean) => void,
): Promise<PartCount> {
  const made =
    "archive" in work ? await ofArchive(shop, work, scratch, onRow) : await ofChunk(shop, work, known, onRow);
  return { pictures: made.signatures.length, failed: made.failed };
}

async function ofChunk(
  { folder, model, compute, retry, signal }: Workshop,
  { name, entries }: Extract<Work, { entries: unknown }>,
  known: KnownRows,
  onRow?: (row: { readonly error?: string }, computed: boolean) => void,
): Promise<MadePart> {
  const isThere = await exists(folder.pathOf(name));
  if (isThere) await addKnown(folder, name, known);
  const made = await makePart({ name, entries }, model, compute, {
    known: (id) => known.get(id),
    retry,
    signal,
    onRow,
  });
  if (made.unchanged && isThere) await folder.remember(name, made);
  else await folder.put(name, made.bytes, made);
  return made;
}

/** Adds an older part's rows. A damaged part is removed and made anew. */
async function addKnown(folder: PartsFolder, name: string, known: KnownRows): Promise<void> {
  try {
    await known.add(name);
  } catch (error) {
    diagnostic(`warning: ${(error as Error).message}; it is made anew`);
    await folder.remove(name);
  }
}

async function ofArchive(
  { folder, model, compute, forgotten, signal, openArchive, closeArchive }: Workshop,
  { name, archive }: Extract<Work, { archive: unknown }>,
  scratch: string,
  onRow?: (row: { readonly error?: string }, computed: boolean) => void,
): Promise<MadePart> {
  // It comes first. The next run then detects an archive that changes meanwhile.
  const signature = await archiveSignature(archive);
  try {
    const all = await openArchive(archive, scratch, signal).catch((error: unknown): readonly Entry[] => {
      if (!(error instanceof ReadError) || signal.aborted) throw error;
      // One unavailable archive does not stop the others.
      return [{ id: archive, path: archive, error: error.message }];
    });
    const entries = sortedById(all).filter(({ id }) => !forgotten.has(id));
    const made = await makePart({ name, entries }, model, compute, { signal, onRow });
    await folder.put(name, made.bytes, { ...made, archive: signature });
    return made;
  } finally {
    await closeArchive(scratch);
  }
}

/** Undefined for an archive behind an address, which counts as unchanged. */
async function archiveSignature(archive: string): Promise<string | undefined> {
  return isRemote(archive) ? undefined : signatureOf({ id: archive, path: archive });
}

async function signatureNow(entry: ChunkEntry): Promise<string | undefined> {
  return entry.kept ? undefined : signatureOf(entry);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
