import type { Queue } from "bullmq";
import type { Packed } from "./connection.ts";

/** Jobs looked at in one go. */
const AT_A_TIME = 100;

/** Lets chunks that failed for good wait again, with all their tries; @returns how many */
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

/** Takes out what waits, also to be tried again. */
export async function drainQueue(queue: Queue<Packed>): Promise<{ readonly removed: number; readonly active: number }> {
  const { waiting, delayed, paused } = await queue.getJobCounts("waiting", "delayed", "paused");
  await queue.drain(true);
  const { active } = await queue.getJobCounts("active");
  return { removed: waiting + delayed + paused, active };
}
