import { inflateRawSync } from "node:zlib";
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import { OptionError } from "mobilenets";
import { diagnostic } from "../output.ts";
import { grouped } from "../table.ts";
import { checkAddress, type Packed, type QueueFlags, shown } from "./connection.ts";
import { type ChunkDone, parseJob } from "./job.ts";
import { type MachineFlags, PartMaker, UnfitMachine } from "./part-maker.ts";

export interface RedisWorkerFlags extends QueueFlags, MachineFlags {
  /** Seconds after which a chunk whose worker gives no sign is another's. */
  readonly stalledAfter: number;
  /** How often a chunk's worker may die before the chunk is dead. */
  readonly maxStalled: number;
  /** Seconds that a chunk has to end after SIGTERM. */
  readonly grace: number;
  /** End when the queue is empty. */
  readonly once?: true;
  readonly quiet?: true;
}

/** How often it looks whether the queue is empty, in milliseconds. */
const LOOK = 500;

/** Works on the chunks of a queue until it is told to stop. */
export async function workOnQueue(flags: RedisWorkerFlags): Promise<void> {
  checkAddress(flags);
  const say = flags.quiet ? () => {} : diagnostic;
  const maker = new PartMaker({ threads: flags.threads, batchSize: flags.batchSize }, say);
  const stop = new AbortController();
  let unfit: unknown;
  const process = async (job: Job<Packed, ChunkDone>, token?: string): Promise<ChunkDone> => {
    try {
      return await maker.make(unpack(job), stop.signal);
    } catch (error) {
      if (error instanceof OptionError) throw new UnrecoverableError(error.message);
      const givesBack = error instanceof UnfitMachine || stop.signal.aborted;
      if (!givesBack) throw error;
      if (error instanceof UnfitMachine) {
        unfit = error.cause;
        // It takes no other before this one is given back.
        void worker.pause(true);
        end();
      }
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const milliseconds = flags.stalledAfter * 1000;
  const worker = new Worker<Packed, ChunkDone>(flags.queue, process, {
    connection: { url: flags.redis, maxRetriesPerRequest: null },
    concurrency: 1,
    lockDuration: milliseconds,
    stalledInterval: milliseconds,
    maxStalledCount: flags.maxStalled,
  });
  let told = "";
  worker.on("error", ({ message }) => {
    // Redis away: it is waited for.
    if (message !== told) diagnostic(`warning: ${shown(flags.redis)}: ${message || "cannot be reached"}; trying again`);
    told = message;
  });
  worker.on("ready", () => {
    told = "";
    say(`waiting for chunks of the queue ${flags.queue} at ${shown(flags.redis)}`);
  });
  worker.on("completed", (_, { name, pictures, failed, computed, seconds }) => {
    const bad = failed > 0 ? `, ${grouped(failed)} failed` : "";
    say(computed ? `${name}: ${grouped(pictures)} pictures in ${seconds.toFixed(1)} s${bad}` : `${name}: was there`);
  });
  worker.on("failed", (job, { message }) => {
    const again = job && job.finishedOn === undefined ? "it is tried again" : "it is dead: `queue retry` revives it";
    diagnostic(`error: ${job?.id?.replace(/^part-/, "") ?? "a chunk"}: ${message}; ${again}`);
  });
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const onSignal = () => {
    if (stopping) stop.abort();
    else say("stopping: the chunk under way is finished; once more gives it back");
    stopping = true;
    end();
  };
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) globalThis.process.on(signal, onSignal);
  const empty = flags.once ? endWhenEmpty(worker, () => end()) : undefined;
  try {
    await ended;
    const late = setTimeout(() => stop.abort(), flags.grace * 1000);
    await worker.close();
    clearTimeout(late);
    await maker.close();
  } finally {
    clearInterval(empty);
    for (const signal of ["SIGTERM", "SIGINT"] as const) globalThis.process.off(signal, onSignal);
  }
  if (unfit !== undefined) throw unfit;
}

function unpack({ id, data }: Job<Packed>) {
  return parseJob(inflateRawSync(Buffer.from(data.chunk, "base64")).toString("utf8"), `job ${id}`);
}

/** It does not end while others work on chunks, which may come back. */
function endWhenEmpty(worker: Worker<Packed, ChunkDone>, end: () => void): NodeJS.Timeout {
  let looking = false;
  return setInterval(async () => {
    if (looking) return;
    looking = true;
    try {
      const client = await worker.client;
      const [wait, active, delayed] = await Promise.all([
        client.llen(worker.toKey("wait")),
        client.llen(worker.toKey("active")),
        client.zcard(worker.toKey("delayed")),
      ]);
      if (wait + active + delayed === 0) end();
    } catch {
      // Redis away: it is waited for.
    } finally {
      looking = false;
    }
  }, LOOK);
}
