import type { Queue } from "bullmq";
import type { Packed } from "./connection.ts";

/** Changes the jobs of a queue: retries and removes them. */

/** Jobs read from Redis at a time. */
const AT_A_TIME = 100;

/**
 * Puts the dead chunks back into the queue, with all their attempts.
 * @returns the number of chunks
 */
export async function retryDead(queue: Queue<Packed>): Promise<number> {
  let retried = 0;
  while (true) {
    const failed = await queue.getFailed(0, AT_A_TIME - 1);
    if (failed.length === 0) return retried;
    for (const job of failed) {
      await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
      retried++;
    }
  }
}

/** Removes the waiting chunks, including those that wait for a retry. */
export async function drainQueue(queue: Queue<Packed>): Promise<{ readonly removed: number; readonly active: number }> {
  const { waiting, delayed, paused } = await queue.getJobCounts("waiting", "delayed", "paused");
  await queue.drain(true);
  const { active } = await queue.getJobCounts("active");
  return { removed: waiting + delayed + paused, active };
}
