import type { Queue } from "bullmq";
import { type Packed, REMEMBERED } from "./connection.ts";
import type { ChunkDone } from "./job.ts";
import { readState } from "./run-state.ts";

/** A chunk that failed for good. */
export interface DeadChunk {
  /** Name of the part. */
  readonly name: string;
  readonly reason: string;
  readonly attempts: number;
}

export interface QueueStatus {
  readonly queue: string;
  /** The store's folder; null if no run was added. */
  readonly out: string | null;
  readonly parts: number;
  readonly pictures: number;
  /** Number of finished parts: those neither in the queue nor dead. */
  readonly done: number;
  readonly waiting: number;
  readonly active: number;
  /** Number of parts that wait for a retry. */
  readonly delayed: number;
  readonly dead: number;
  readonly workers: number;
  /** Pictures per second of all workers in the last ten minutes. Null if there were none. */
  readonly rate: number | null;
  /** Seconds left at this rate. Null if unknown. */
  readonly eta: number | null;
  readonly reasons: readonly DeadChunk[];
}

const WINDOW_MS = 600_000;
/** Most dead chunks to list with their reasons. */
const MOST_REASONS = 20;

export async function queueStatus(queue: Queue<Packed>, now = Date.now()): Promise<QueueStatus> {
  const state = await readState(queue);
  const counts = await queue.getJobCounts("waiting", "paused", "active", "delayed", "failed");
  const { active, delayed, failed: dead } = counts;
  const waiting = counts.waiting + counts.paused;
  const finished = await queue.getCompleted(0, REMEMBERED - 1);
  const rate = rateOf(
    finished.map(({ processedOn, finishedOn, returnvalue }) => {
      const { pictures, computed } = returnvalue as ChunkDone;
      return { begun: processedOn!, ended: finishedOn!, pictures: computed ? pictures : 0 };
    }),
    now,
  );
  const failed = await queue.getFailed(0, MOST_REASONS - 1);
  const { parts, pictures } = state ?? { parts: 0, pictures: 0 };
  const left = waiting + active + delayed;
  const share = parts > 0 ? pictures / parts : 0;
  return {
    ...{ queue: queue.name, out: state?.out ?? null, parts, pictures },
    done: Math.max(0, parts - left - dead),
    ...{ waiting, active, delayed, dead, rate },
    workers: (await queue.getWorkers()).length,
    eta: left === 0 ? 0 : rate ? (left * share) / rate : null,
    reasons: failed.map(({ id, failedReason, attemptsMade }) => {
      return { name: id!.replace(/^part-/, ""), reason: failedReason, attempts: attemptsMade };
    }),
  };
}

interface Finished {
  /** In milliseconds, by the worker's clock. */
  readonly begun: number;
  readonly ended: number;
  readonly pictures: number;
}

/** Pictures per second, from the start of the first recent chunk to the end of the last. Null for no pictures. */
export function rateOf(all: readonly Finished[], now: number): number | null {
  const recent = all.filter(({ ended }) => ended > now - WINDOW_MS);
  const pictures = recent.reduce((sum, one) => sum + one.pictures, 0);
  if (pictures === 0) return null;
  const first = recent.reduce((least, { begun }) => Math.min(least, begun), now);
  const from = Math.max(now - WINDOW_MS, first);
  const to = recent.reduce((most, { ended }) => Math.max(most, ended), -Infinity);
  return pictures / Math.max(0.001, (to - from) / 1000);
}
