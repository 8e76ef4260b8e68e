import { stat } from "node:fs/promises";
import { isUrl } from "../pictures/read-url.ts";

/** A picture to extract: a line of the manifest. */
export interface Entry {
  /** Tells it from all others of the store. */
  readonly id: string;
  /** Where it is, in words that people can use: a path, a URL, or an archive and a name in it. */
  readonly path: string;
  /** Where it lies inside a tar archive, `path` being the archive's and the name's. */
  readonly member?: Member;
  /** Why it cannot be read, where that is known before. */
  readonly error?: string;
}

/** A file in a tar archive. */
export interface Member {
  /** Path of the archive. */
  readonly archive: string;
  readonly offset: number;
  readonly size: number;
}

/** The same picture has the same signature; it costs no reading. */
export const UNREADABLE = "unreadable";
const REMOTE = "remote";

/**
 * What tells, without reading it, whether a file has changed: its size and the time of its last change. What lies behind
 * a URL is taken to stay as it is.
 */
export async function signatureOf({ path, member, error }: Entry): Promise<string> {
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
