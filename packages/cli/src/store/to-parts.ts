import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Model, OptionError } from "mobilenets";
import { hostIsa } from "mobilenets/graph";
import { featuriser, measureDim } from "../extract/features.ts";
import { interruptible } from "../extract/interrupt.ts";
import { ProgressDisplay } from "../extract/progress.ts";
import { checkSameRun, describeRun, type RunRecord, readRun, writeRun } from "../extract/run-record.ts";
import { FEATURES } from "../extract/store.ts";
import { diagnostic } from "../output.ts";
import { limitsOf } from "../pictures/limits.ts";
import { withRunLock } from "../run-lock.ts";
import type { RunFlags } from "../run-options.ts";
import { grouped } from "../table.ts";
import { DEFAULT_CHUNK } from "./chunks.ts";
import { computeWith } from "./compute/compute.ts";
import { Computer, type ComputerSettings } from "./compute/computer.ts";
import { Pool, type Seat } from "./compute/pool.ts";
import { ThreadSeat } from "./compute/thread-seat.ts";
import { extractParts, type PartsResult } from "./extract-parts.ts";
import { Forgotten } from "./forgotten.ts";
import { openArchive } from "./inputs/archive.ts";
import type { Gathered } from "./inputs/gather.ts";
import { KnownRows } from "./known-rows.ts";
import type { PartModel, VectorDtype } from "./parquet/columns.ts";
import { PartsFolder } from "./parts-folder.ts";
import { ARCHIVE_PREFIX, checkModel } from "./plan.ts";
import type { Shard } from "./shard.ts";

/** Flags of the commands that write parts. */
export interface PartsFlags extends RunFlags {
  readonly out: string;
  readonly layer?: string;
  readonly batchSize: number;
  readonly overwrite?: true;
  readonly quiet?: true;
  readonly dtype?: VectorDtype;
  readonly chunkSize?: number;
  readonly topK?: number;
  readonly fullDecode?: true;
  readonly prune?: true;
  readonly retryFailed?: true;
  readonly shard?: Shard;
  readonly maxArchiveGb: number;
}

export interface ExtractedParts extends PartsResult {
  readonly dim: number;
  /** Pictures of this process's share, without those in archives that are not yet listed. */
  readonly planned: number;
  /** Rows removed, as their pictures are not among the inputs. */
  readonly pruned: number;
  /** The reason that the first of the computed pictures failed, if any did. */
  readonly firstError: string | undefined;
  readonly seconds: number;
}

/** Makes a folder of Parquet parts match the inputs. Stops at an interrupt. */
export async function extractToParts(model: Model, gathered: Gathered, flags: PartsFlags): Promise<ExtractedParts> {
  const start = performance.now();
  const { out, layer, quiet } = flags;
  const record = await beginRun(model, flags);
  const { topK, decode, chunkSize } = record.parts!;
  const { dim } = record;
  const limits = limitsOf(flags);
  const archiveLimits = { ...limits, maxArchiveBytes: flags.maxArchiveGb * 1e9 };
  const settings: ComputerSettings = { layer, topK: topK ?? undefined, maxPixels: limits.maxPixels };
  const forgotten = await Forgotten.open(out);
  sayForgotten(gathered, forgotten);
  const pool = new Pool(seatsFor(model, flags, settings), flags.batchSize);
  let firstError: string | undefined;
  let progress: ProgressDisplay | undefined;
  let [planned, done, failed, pruned] = [0, 0, 0, 0];
  try {
    const result = await interruptible(async (signal) => {
      return extractParts({
        ...{ dir: out, inputs: gathered.entries, archives: gathered.archives, forgotten, signal, chunkSize },
        openArchive: (url, path) => openArchive(url, path, { ...archiveLimits, signal }),
        closeArchive: (path) => rm(path, { force: true }).catch(() => {}),
        model: partModel(record),
        modelHash: hashOf(record),
        compute: computeWith({
          ...{ pool, limits, preprocessing: model.preprocessing, reduce: decode === "reduced" },
          engine: engineOf(model),
        }),
        ...{ shard: flags.shard, prune: flags.prune === true, retry: flags.retryFailed === true },
        onPlan: (plan) => {
          ({ pictures: planned, pruned } = plan);
          if (pruned > 0) {
            diagnostic(
              `${grouped(pruned)} pictures of earlier runs are not among the inputs: --prune removes their rows`,
            );
          }
          if (plan.kept > 0) {
            diagnostic(
              `${grouped(plan.kept)} pictures of earlier runs are not among the inputs: kept; --prune removes them`,
            );
          }
        },
        onDone: (pictures, bad, now, error) => {
          done += pictures;
          failed += bad;
          firstError ??= error;
          if (quiet || !now) return;
          // The plan does not count pictures in archives.
          progress ??= new ProgressDisplay(
            process.stderr,
            gathered.archives.length > 0 ? undefined : planned,
            done - 1,
          );
          progress.update(done, failed);
        },
      });
    }, "stopping: the next run makes the unfinished parts anew");
    progress?.end();
    return { ...result, dim, planned, pruned, firstError, seconds: (performance.now() - start) / 1000 };
  } finally {
    await pool.close();
  }
}

/** Reads the record of the folder's run, or writes a new one. */
export async function beginRun(model: Model, flags: PartsFlags): Promise<RunRecord> {
  const { out, overwrite, layer, dtype = "float32", topK = null, fullDecode, chunkSize } = flags;
  await mkdir(out, { recursive: true });
  return withLock(out, async () => {
    const begun = overwrite ? undefined : await readRun(out);
    const decode = fullDecode ? ("full" as const) : ("reduced" as const);
    const parts = { dtype, topK, decode, chunkSize: chunkSize ?? begun?.parts?.chunkSize ?? DEFAULT_CHUNK };
    const now = { ...describeRun(model, flags, layer), parts };
    if (begun) {
      if (!begun.parts) {
        const hint = "--format npy goes on with it, --out elsewhere keeps both, --overwrite starts anew";
        const found = `a run that writes ${FEATURES}`;
        throw new OptionError({
          where: join(out, "run.json"),
          found,
          expected: "a run that writes Parquet parts",
          hint,
        });
      }
      checkSameRun(out, begun, now);
      const record = { ...begun, parts };
      if (parts.chunkSize !== begun.parts.chunkSize) await writeRun(out, record);
      return record;
    }
    const dim = await measureDim(featuriser(model, layer));
    const record = { ...now, dim };
    const folder = new PartsFolder(out);
    if (overwrite) await folder.clear();
    else await checkLeft(folder, record);
    await writeRun(out, record);
    return record;
  });
}

/** Checks a part that a lost record has left, before a record of another model is written. */
async function checkLeft(folder: PartsFolder, record: RunRecord): Promise<void> {
  const name = [...(await folder.names())].find((one) => !one.startsWith(ARCHIVE_PREFIX));
  if (name !== undefined) checkModel(name, await new KnownRows(folder, record.dim).add(name), hashOf(record));
}

/** Works under the folder's lock. Waits up to 5 s, as other processes hold it for a moment only. */
export async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await withRunLock(dir, work);
    } catch (error) {
      if (attempt === 20 || (error as Error).name !== "RunLockedError") throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** Values that all rows of the run share. */
export function partModel({ network, model, preprocessing, dim, parts }: RunRecord): PartModel {
  return {
    network,
    weights: model,
    preprocessing: JSON.stringify(preprocessing, Object.keys(preprocessing).sort()),
    dtype: parts!.dtype,
    dim,
    labels: parts!.topK !== null,
  };
}

/** Hash of all settings that decide a part's numbers, and so its name. */
export function hashOf(record: RunRecord): string {
  const { network, weights, preprocessing, dtype, dim } = partModel(record);
  const { topK, decode } = record.parts!;
  const all = [network, weights, preprocessing, dtype, dim, record.layer, topK, decode];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

/** The engine's name. Ours adds the instruction set, because features differ between them by some 1e-6. */
export function engineOf({ engine }: Model): string {
  return engine === "wasm" ? `wasm-${hostIsa()}` : engine;
}

/**
 * True for engines on the processor. They run in several threads, including this one, with a model in each. Pictures
 * are independent, so no thread waits for another. A device has one queue, and the reference engine one thread.
 */
function isThreaded({ engine, providers }: RunFlags): boolean {
  return providers === undefined && engine !== "reference";
}

/** The flags to load this thread's model with. */
export function ofOneThread<Flags extends RunFlags>(flags: Flags): Flags {
  // Other numbers stay, so that the engine refuses them.
  const isNumber = typeof flags.threads === "number" && flags.threads <= MOST_THREADS;
  return isThreaded(flags) && (isNumber || flags.threads === undefined || flags.threads === "auto")
    ? { ...flags, threads: 1 }
    : flags;
}

/** Limit of the engines. */
const MOST_THREADS = 64;

/** @param model of this thread, loaded with the flags of `ofOneThread` */
export function seatsFor(model: Model, flags: PartsFlags, settings: ComputerSettings): Seat[] {
  const { threads = "auto" } = flags;
  const computer = new Computer(model, settings, isThreaded(flags));
  const here: Seat = { compute: (jobs) => computer.compute(jobs), close: async () => {} };
  if (!isThreaded(flags)) return [here];
  const others = (threads === "auto" ? Math.min(MOST_THREADS, availableParallelism()) : threads) - 1;
  return [here, ...Array.from({ length: others }, () => new ThreadSeat({ flags: plain(flags), settings }))];
}

/** The flags that can be sent to a thread. */
export function plain(flags: PartsFlags): RunFlags {
  return JSON.parse(JSON.stringify(flags)) as RunFlags;
}

export function sayForgotten({ entries }: Pick<Gathered, "entries">, forgotten: Forgotten): void {
  const count = entries.filter(({ id }) => forgotten.has(id)).length;
  if (count > 0) diagnostic(`${grouped(count)} of the pictures are left out: \`forget\` took them out for good`);
}
