import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { isUrl } from "../pictures/read-url.ts";

/** A picture to extract: a line of the manifest. */
export interface Entry {
  /** Unique in the store. */
  readonly id: string;
  /** Place of the picture, for people: a path, a URL, or an archive and a name in it. */
  readonly path: string;
  /** Position in a tar archive. `path` is then the archive's path and the name in it. */
  readonly member?: Member;
  /** The reason that it cannot be read, if already known. */
  readonly error?: string;
}

/** A file in a tar archive. */
export interface Member {
  /** Path of the archive. */
  readonly archive: string;
  readonly offset: number;
  readonly size: number;
}

/** Signatures of pictures that have no size and time. */
export const UNREADABLE = "unreadable";
const REMOTE = "remote";

/**
 * The file's size and modification time. They tell a changed file without reading it. Pictures behind a URL count as
 * unchanged. An entry with an id of its own also has a hash of its path, because a list may give the id another picture.
 */
export async function signatureOf(entry: Entry): Promise<string> {
  const { id, path } = entry;
  const signature = await fileSignatureOf(entry);
  return id === path ? signature : `${signature} ${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
}

async function fileSignatureOf({ path, member, error }: Entry): Promise<string> {
  if (error !== undefined) return UNREADABLE;
  if (!member && isRemote(path)) return REMOTE;
  try {
    const { size, mtimeNs } = await stat(member?.archive ?? path, { bigint: true });
    return `${size} ${mtimeNs}`;
  } catch {
    return UNREADABLE;
  }
}

export function isRemote(path: string): boolean {
  return isUrl(path) || path.startsWith("s3://");
}
