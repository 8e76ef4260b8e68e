import { deflateRawSync } from "node:zlib";
import type { JobsOptions, Queue } from "bullmq";
import { OptionError } from "mobilenets";
import { type Packed, REMEMBERED } from "./connection.ts";
import type { ChunkJob } from "./job.ts";
import type { PlannedJobs } from "./plan-jobs.ts";
import { readState, writeState } from "./run-state.ts";

/** The result of adding jobs to a queue. */
export interface AddedJobs {
  /** Number of new jobs in the queue. */
  readonly added: number;
  /** Number of jobs already in the queue, waiting or in progress. */
  readonly queued: number;
  /** Number of jobs in the queue that failed for good. */
  readonly dead: number;
  /** Number of removed jobs of an earlier plan. */
  readonly replaced: number;
}

/** Jobs sent to Redis at a time. */
const AT_A_TIME = 100;

/** Pause before the first retry of a job, in milliseconds. It doubles each time. */
const BACK_OFF = 2000;

/**
 * Adds the jobs that are not in the queue. The id of a job is the name of its part, so no job is there twice.
 * @throws OptionError while chunks of another folder, or another plan, are in progress
 */
export async function addJobs(queue: Queue<Packed>, plan: PlannedJobs, attempts: number): Promise<AddedJobs> {
  const replaced = await replacePlan(queue, plan);
  let [added, queued, dead] = [0, 0, 0];
  const options: JobsOptions = {
    attempts,
    backoff: { type: "exponential", delay: BACK_OFF },
    removeOnComplete: { count: REMEMBERED },
    removeOnFail: false,
  };
  for (let i = 0; i < plan.jobs.length; i += AT_A_TIME) {
    const some = plan.jobs.slice(i, i + AT_A_TIME);
    const states = await Promise.all(some.map((job) => queue.getJobState(idOf(job))));
    const fresh: ChunkJob[] = [];
    for (const [j, state] of states.entries()) {
      if (state === "failed") dead++;
      else if (state === "unknown") fresh.push(some[j]);
      else if (state === "completed") {
        // The job was completed, but its part is missing.
        await queue.remove(idOf(some[j]));
        fresh.push(some[j]);
      } else queued++;
    }
    await queue.addBulk(
      fresh.map((job) => ({ name: "chunk", data: pack(job), opts: { ...options, jobId: idOf(job) } })),
    );
    added += fresh.length;
  }
  const { out, key, parts, pictures } = plan;
  await writeState(queue, { out, key, parts, pictures });
  return { added, queued, dead, replaced };
}

/** BullMQ refuses an id of digits only, and a hash may have no letter. */
function idOf({ name }: ChunkJob): string {
  return `part-${name}`;
}

function pack(job: ChunkJob): Packed {
  return { pictures: job.entries?.length, chunk: deflateRawSync(JSON.stringify(job)).toString("base64") };
}

/** @returns the number of removed jobs */
async function replacePlan(queue: Queue<Packed>, { out, key }: PlannedJobs): Promise<number> {
  const before = await readState(queue);
  if (!before || (before.out === out && before.key === key)) return 0;
  const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
  const left = counts.waiting + counts.active + counts.delayed;
  const where = `--queue ${queue.name}`;
  if (before.out !== out && left > 0) {
    const found = `${left} chunks of ${before.out} that are not done`;
    throw new OptionError({ where, found, hint: "--queue takes another name; `queue drain` takes them out" });
  }
  if (counts.active > 0) {
    const found = `${counts.active} chunks of an earlier plan for this folder under way`;
    throw new OptionError({ where, found, hint: "`queue drain`, wait for them, then add again" });
  }
  await queue.drain(true);
  for (const job of await queue.getFailed()) await job.remove();
  await queue.clean(0, 0, "completed");
  return left;
}
