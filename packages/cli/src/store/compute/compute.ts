import { createHash } from "node:crypto";
import { ImageError, type MobileNetsError, type Preprocessing, ReadError } from "mobilenets";
import type { Limits } from "../../pictures/limits.ts";
import { throwMachineFailure, UnreadableRow } from "../../pictures/machine-error.ts";
import { MemoryBudget, type Share } from "../../pictures/memory-budget.ts";
import type { Compute, Outcome, Task } from "../make-part.ts";
import type { PartRow } from "../parquet/columns.ts";
import { readEntry } from "../read-entry.ts";
import type { Pool } from "./pool.ts";
import { readHeader, reductionFor } from "./reduced.ts";

/** Settings for computing rows from files. */
export interface ComputeOptions {
  readonly pool: Pool;
  readonly limits: Limits;
  readonly preprocessing: Preprocessing;
  /** Decode JPEG files at a reduced scale if it suffices. */
  readonly reduce: boolean;
  /** Name of the engine in the rows. */
  readonly engine: string;
}

interface Computed {
  readonly outcome: Outcome;
  /** The reason that the file could not be read. Missing if it was read. */
  readonly unreadable?: string;
}

/** Reads files ahead, within a memory budget, and computes them in a pool. Rows come in the order of the tasks. */
export function computeWith(options: ComputeOptions): Compute {
  // All parts in progress share one budget.
  const budget = new MemoryBudget(options.limits.memoryBytes);
  return async function* (tasks, signal) {
    const leaving = new AbortController();
    const stop = () => leaving.abort();
    signal?.addEventListener("abort", stop, { once: true });
    const limits = { ...options.limits, signal: leaving.signal };
    const unreadable = new UnreadableRow(limits);
    const queue: { readonly share: Share; readonly task: Task; readonly computed: Promise<Computed> }[] = [];
    const next = async (): Promise<Outcome> => {
      const { share, task, computed } = queue.shift()!;
      share.want();
      const { outcome, unreadable: why } = await computed;
      share.close();
      if (why === undefined) unreadable.end();
      // A picture that failed before says nothing about the machine.
      else if (!task.failed) unreadable.add(task.entry.path, why);
      return outcome;
    };
    try {
      for (const task of tasks) {
        signal?.throwIfAborted();
        const share = budget.open();
        const computed = computeOne(task, { ...options, limits }, share);
        // It is awaited in its turn. An unhandled failure before that would end the Node process.
        computed.catch(() => {});
        queue.push({ share, task, computed });
        // The pool works on one half of the queue. The other half is read ahead.
        if (queue.length >= 2 * options.pool.capacity) yield await next();
      }
      while (queue.length > 0) {
        signal?.throwIfAborted();
        yield await next();
      }
    } finally {
      // A caller that stops early does not wait for downloads in progress.
      leaving.abort();
      // No caller takes these results. Their memory is free again when they are done.
      for (const { share, computed } of queue) computed.catch(() => {}).then(() => share.close());
      signal?.removeEventListener("abort", stop);
    }
  };
}

async function computeOne({ entry, known }: Task, options: ComputeOptions, share: Share): Promise<Computed> {
  const { id, path } = entry;
  const { pool, limits, preprocessing, reduce, engine } = options;
  const failed = (error: string, more: Partial<PartRow> = {}): Computed => ({
    outcome: { id, path, ...more, error, engine },
  });
  if (entry.error !== undefined) return failed(entry.error);
  let bytes: Uint8Array;
  try {
    bytes = await readEntry(entry, limits, share);
  } catch (error) {
    throwMachineFailure(path, error);
    if (!(error instanceof ReadError)) throw error;
    const { message } = new ImageError({ ...error, where: path, hint: error.hint });
    return { ...failed(message), unreadable: message };
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 === known) return { outcome: "unchanged" };
  const header = await readHeader(bytes);
  const pixels = header.width * header.height;
  // The decoder refuses larger pictures with its own error.
  const reduction = reduce && pixels <= limits.maxPixels ? reductionFor(header, preprocessing) : 1;
  if (pixels <= limits.maxPixels) await share.grow((3 * pixels) / reduction ** 2);
  const answer = await pool.run({ bytes, header, reduction });
  if ("error" in answer) {
    return failed(new ImageError({ where: path, ...answer.error, hint: hintFor(answer.error) }).message, { sha256 });
  }
  const row = { id, path, sha256, ...answer, engine };
  return { outcome: row };
}

function hintFor({ hint }: Pick<MobileNetsError, "hint">): string | undefined {
  return hint?.replace("set the option limitPixels", "--max-megapixels raises the limit");
}
