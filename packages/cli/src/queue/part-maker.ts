import { readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Model, OptionError } from "mobilenets";
import { describeRun, readRun } from "../extract/run-record.ts";
import { loadModel } from "../load-model.ts";
import { limitsOf } from "../pictures/limits.ts";
import { bringPart, findPart, type Work, type Workshop } from "../store/bring-part.ts";
import { computeWith } from "../store/compute/compute.ts";
import { Pool } from "../store/compute/pool.ts";
import { Forgotten } from "../store/forgotten.ts";
import { openArchive } from "../store/inputs/archive.ts";
import { KnownRows } from "../store/known-rows.ts";
import { PartsFolder } from "../store/parts-folder.ts";
import { isRunning } from "../store/sharing.ts";
import { engineOf, hashOf, ofOneThread, partModel, plain, seatsFor } from "../store/to-parts.ts";
import type { ChunkDone, ChunkJob, JobFlags } from "./job.ts";

/** Settings of this machine. They do not change the parts. */
export interface MachineFlags {
  readonly threads?: "auto" | number;
  readonly batchSize?: number;
}

/** A model and its threads, ready to make the parts of one run. */
interface Bench {
  readonly key: string;
  readonly model: Model;
  readonly pool: Pool;
  readonly folder: PartsFolder;
  readonly workshop: Omit<Workshop, "signal">;
  readonly dim: number;
}

/** This machine can make no parts of the run, because its files or weights differ. `cause` is the reason. */
export class UnfitMachine extends Error {
  override get name(): string {
    return "UnfitMachine";
  }

  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
  }
}

/** Makes the parts of jobs, one at a time. Keeps the model while the jobs belong to one run. */
export class PartMaker {
  readonly #machine: MachineFlags;
  readonly #say: (line: string) => void;
  #bench: Bench | undefined;

  /** @param say called with messages about the model */
  constructor(machine: MachineFlags, say: (line: string) => void) {
    this.#machine = machine;
    this.#say = say;
  }

  /**
   * Makes the part of a job, unless it exists and its pictures are unchanged.
   * @throws UnfitMachine if every job of the run would fail here
   */
  async make(job: ChunkJob, signal: AbortSignal): Promise<ChunkDone> {
    const start = performance.now();
    const bench = await this.#benchFor(job).catch((cause) => {
      throw new UnfitMachine(cause);
    });
    const { name, archive, entries } = job;
    const work: Work = archive === undefined ? { name, entries: entries! } : { name, archive };
    const { folder, workshop, dim } = bench;
    const report = (counted: { pictures: number; failed: number }, computed: boolean): ChunkDone => {
      const seconds = (performance.now() - start) / 1000;
      return { name, part: folder.pathOf(name), ...counted, computed, seconds };
    };
    const found = await findPart(folder, work, workshop.retry);
    if (found) return report(found, false);
    const known = new KnownRows(folder, dim);
    // Newer parts have the rows of a missing older part.
    const there = new Set(job.older.length > 0 ? await folder.names() : []);
    for (const older of job.older) if (there.has(older)) await known.add(older);
    const scratch = join(tmpdir(), `mobilenets-${name}.${process.pid}.tar`);
    try {
      return report(await bringPart({ ...workshop, signal }, work, known, scratch), true);
    } catch (error) {
      // The threads may be the reason.
      if (!signal.aborted) await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const bench = this.#bench;
    this.#bench = undefined;
    await bench?.pool.close();
    bench?.model.dispose();
  }

  async #benchFor({ out, base, flags, model: expected }: ChunkJob): Promise<Bench> {
    const key = JSON.stringify([out, base, flags, expected]);
    if (this.#bench?.key === key) return this.#bench;
    await this.close();
    // Rows record the paths given to `queue add`, so they are relative to its folder.
    await enter(base);
    const record = await readRun(out);
    if (!record?.parts) throw missing(out, "no run of Parquet parts");
    await readdir(join(out, "parts")).catch(() => {
      throw missing(out, "no folder of parts");
    });
    const used = { ...flags, ...this.#machine } as JobFlags & { batchSize: number; maxArchiveGb: number };
    const model = await loadModel(ofOneThread(used), this.#say);
    try {
      const now = { ...describeRun(model, used, used.layer), parts: record.parts, dim: record.dim };
      if (hashOf(record) !== expected || hashOf(now) !== expected) {
        const hint = "this machine has other weights, or the folder was begun anew: run `queue add` again";
        throw new OptionError({ where: out, found: `a model other than that of the job`, hint });
      }
      const limits = limitsOf(used);
      const settings = { layer: used.layer, topK: record.parts.topK ?? undefined, maxPixels: limits.maxPixels };
      const pool = new Pool(seatsFor(model, used, settings), used.batchSize);
      const folder = new PartsFolder(out);
      // Killed workers of this machine may have left some.
      await folder.removeUnfinished(isRunning).catch(() => {});
      const archiveLimits = { ...limits, maxArchiveBytes: used.maxArchiveGb * 1e9 };
      this.#bench = {
        ...{ key, model, pool, folder, dim: record.dim },
        workshop: {
          folder,
          model: partModel(record),
          compute: computeWith({
            ...{ pool, limits, preprocessing: model.preprocessing, reduce: record.parts.decode === "reduced" },
            engine: engineOf(model),
          }),
          forgotten: await Forgotten.open(out),
          retry: used.retryFailed === true,
          openArchive: (url, path, signal) => openArchive(url, path, { ...archiveLimits, signal }),
          closeArchive: (path) => rm(path, { force: true }).catch(() => {}),
        },
      };
      return this.#bench;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }
}

/** The flags of a command line that a job carries. */
export function jobFlags(flags: Parameters<typeof plain>[0]): JobFlags {
  const { chunkSize, shard, prune, overwrite, quiet, threads, ...rest } = flags;
  return plain(rest as Parameters<typeof plain>[0]) as JobFlags;
}

async function enter(base: string): Promise<void> {
  try {
    process.chdir(base);
  } catch (cause) {
    throw missing(base, "no such folder", cause);
  }
}

function missing(where: string, found: string, cause?: unknown): OptionError {
  const hint = `all machines must see it under this path; ${hostname()} does not`;
  return new OptionError({ where, found, hint }, { cause });
}
