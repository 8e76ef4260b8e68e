import { resolve } from "node:path";
import { OptionError } from "mobilenets";
import { isRemote } from "../store/entry.ts";
import type { ChunkEntry } from "../store/make-part.ts";
import type { PartsFlags } from "../store/to-parts.ts";

/** Flags of `queue add` that a worker needs: those of the model, the limits, and the folder. */
export type JobFlags = Omit<PartsFlags, "chunkSize" | "shard" | "prune" | "overwrite" | "quiet">;

/** All data for making one part, on any machine that sees the same files under the same paths. */
export interface ChunkJob {
  /** Name of the part. */
  readonly name: string;
  /** The store's folder, an absolute path. */
  readonly out: string;
  /** Base of relative paths. */
  readonly base: string;
  readonly flags: JobFlags;
  /** Hash of all settings that decide the numbers. A worker with other weights refuses the job. */
  readonly model: string;
  /** Older parts, whose rows are reused where a picture is the same. */
  readonly older: readonly string[];
  readonly entries?: readonly ChunkEntry[];
  /** Address of an archive that becomes the part, instead of entries. */
  readonly archive?: string;
}

/** Result of a job. */
export interface ChunkDone {
  readonly name: string;
  /** Path of the part. */
  readonly part: string;
  readonly pictures: number;
  /** Number of failed pictures. Their rows have the errors. */
  readonly failed: number;
  /** False if the part already existed. */
  readonly computed: boolean;
  readonly seconds: number;
}

/** @throws OptionError naming the missing or invalid field */
export function parseJob(text: string, where: string): ChunkJob {
  let job: Partial<ChunkJob>;
  try {
    job = JSON.parse(text) as Partial<ChunkJob>;
  } catch (cause) {
    throw malformed(where, "no JSON", cause);
  }
  if (typeof job !== "object" || job === null) throw malformed(where, "no JSON object");
  for (const field of ["name", "out", "base", "model"] as const) {
    if (typeof job[field] !== "string") throw malformed(where, `${field} ${JSON.stringify(job[field])}`);
  }
  // The name becomes a file name.
  if (!/^(tar-)?[0-9a-f]{32}$/.test(job.name!)) throw malformed(where, `name ${JSON.stringify(job.name)}`);
  if (typeof job.flags !== "object" || job.flags === null) throw malformed(where, "no flags");
  const isEntry = (one: unknown) => {
    const { id, path } = (one ?? {}) as { id?: unknown; path?: unknown };
    return typeof id === "string" && typeof path === "string";
  };
  const good = Array.isArray(job.entries) ? job.entries.every(isEntry) : typeof job.archive === "string";
  if (!good) throw malformed(where, "neither entries nor an archive");
  return { older: [], ...job } as ChunkJob;
}

function malformed(where: string, found: string, cause?: unknown): OptionError {
  const expected = "a chunk as `mobilenets queue add --print` writes it";
  return new OptionError({ where, found, expected }, { cause });
}

/** The archive's address, or its path in the job's base folder. */
export function archivePath({ base, archive }: ChunkJob): string {
  return isRemote(archive!) ? archive! : resolve(base, archive!);
}
