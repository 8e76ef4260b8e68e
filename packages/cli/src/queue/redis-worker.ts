import { setTimeout as sleep } from "node:timers/promises";
import { inflateRawSync } from "node:zlib";
import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import { OptionError } from "mobilenets";
import { EXIT_INTERRUPTED } from "../extract/interrupt.ts";
import { diagnostic } from "../output.ts";
import { grouped } from "../table.ts";
import { checkAddress, isRefusal, type Packed, type QueueFlags, shown, unreachable } from "./connection.ts";
import { type ChunkDone, parseJob } from "./job.ts";
import { type MachineFlags, PartMaker, UnfitMachine } from "./part-maker.ts";

/** Flags of a worker that takes chunks from Redis. */
export interface RedisWorkerFlags extends QueueFlags, MachineFlags {
  /** Seconds after which another worker takes the chunk of a silent worker. */
  readonly stalledAfter: number;
  /** Most workers that may die on a chunk. One more makes the chunk dead. */
  readonly maxStalled: number;
  /** Seconds for finishing a chunk after SIGTERM. */
  readonly grace: number;
  /** End when the queue is empty. */
  readonly once?: true;
  readonly quiet?: true;
}

/** Milliseconds between two checks for an empty queue. */
const LOOK = 500;
/** Milliseconds for telling Redis that a chunk is done or given back, and that the worker leaves. */
const FAREWELL = 2000;
/** Milliseconds for a chunk to end after it is given up. */
const GIVE_UP = 4000;

/** Works on the chunks of a queue until a signal. With `once`, also stops at an empty queue. */
export async function workOnQueue(flags: RedisWorkerFlags): Promise<void> {
  checkAddress(flags);
  const say = flags.quiet ? () => {} : diagnostic;
  const maker = new PartMaker({ threads: flags.threads, batchSize: flags.batchSize }, say);
  const stop = new AbortController();
  let unfit: unknown;
  /** Name of the chunk that this worker holds in Redis. */
  let inHand: string | undefined;
  /** Settles when the chunk is done or given up, even if Redis does not yet know. */
  let underWay: Promise<unknown> = Promise.resolve();
  const process = async (job: Job<Packed, ChunkDone>, token?: string): Promise<ChunkDone> => {
    inHand = nameOf(job);
    try {
      const made = Promise.resolve().then(() => maker.make(unpack(job), stop.signal));
      underWay = made.catch(() => {});
      return await made;
    } catch (error) {
      if (error instanceof OptionError) throw new UnrecoverableError(error.message);
      const givesBack = error instanceof UnfitMachine || stop.signal.aborted;
      if (!givesBack) throw error;
      if (error instanceof UnfitMachine) {
        unfit = error.cause;
        // The worker must take no other chunk before this one is given back.
        void worker.pause(true);
        end();
      }
      await job.moveToWait(token);
      inHand = undefined;
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
  worker.on("error", (error) => {
    const message = error.message || (error as NodeJS.ErrnoException).code || "cannot be reached";
    if (isRefusal(error)) {
      unfit ??= unreachable(flags.redis, error);
      return end();
    }
    // The worker waits for Redis.
    if (message !== told) diagnostic(`warning: ${shown(flags.redis)}: ${message}; trying again`);
    told = message;
  });
  worker.on("ready", () => {
    told = "";
    say(`waiting for chunks of the queue ${flags.queue} at ${shown(flags.redis)}`);
  });
  worker.on("completed", (_, { name, pictures, failed, computed, seconds }) => {
    inHand = undefined;
    const bad = failed > 0 ? `, ${grouped(failed)} failed` : "";
    say(computed ? `${name}: ${grouped(pictures)} pictures in ${seconds.toFixed(1)} s${bad}` : `${name}: already done`);
  });
  worker.on("failed", (job, { message }) => {
    inHand = undefined;
    const again = job && job.finishedOn === undefined ? "it is tried again" : "it is dead: `queue retry` revives it";
    diagnostic(`error: ${job ? nameOf(job) : "a chunk"}: ${message}; ${again}`);
  });
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let stopping = false;
  const onSignal = () => {
    if (stopping) stop.abort();
    else say(inHand ? "stopping after the current chunk; a second signal gives it back" : "stopping");
    stopping = true;
    end();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) globalThis.process.on(signal, onSignal);
  let isEmpty = false;
  const looking = flags.once
    ? lookWhetherEmpty(worker, () => {
        isEmpty = true;
        end();
      })
    : undefined;
  try {
    await ended;
    clearInterval(looking);
    globalThis.process.on("unhandledRejection", onLost);
    const late = setTimeout(() => stop.abort(), flags.grace * 1000);
    const hasLeft = await Promise.race([
      worker.close().then(() => true),
      // Without Redis, the worker never closes.
      idle(() => underWay),
      aborted(stop.signal).then(() => sleep(GIVE_UP, false)),
    ]);
    clearTimeout(late);
    await maker.close();
    if (!hasLeft) {
      if (unfit === undefined) diagnostic(`warning: ${farewell(flags, told, inHand)}`);
      // Open connections keep the process alive, and BullMQ cannot end them. The error below is printed first.
      setImmediate(() => globalThis.process.exit());
    }
  } finally {
    clearInterval(looking);
    globalThis.process.off("unhandledRejection", onLost);
    for (const signal of ["SIGTERM", "SIGINT"] as const) globalThis.process.off(signal, onSignal);
  }
  if (unfit !== undefined) throw unfit;
  // The exit code tells that chunks are left.
  if (flags.once && !isEmpty) globalThis.process.exitCode = EXIT_INTERRUPTED;
}

/** While it closes, BullMQ leaves promises unhandled that fail with the connection. */
function onLost(error: unknown): void {
  if ((error as Error | undefined)?.message !== "Connection is closed.") throw error;
}

/** Resolves once no chunk has been in progress for `FAREWELL`, the time for telling Redis. */
async function idle(underWay: () => Promise<unknown>): Promise<false> {
  let before: unknown;
  while (before !== underWay()) {
    before = underWay();
    await before;
    await sleep(FAREWELL);
  }
  return false;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function farewell({ redis, stalledAfter }: RedisWorkerFlags, why: string, chunk: string | undefined): string {
  const rest = chunk === undefined ? "" : `: another worker takes ${chunk} after ${stalledAfter} s, unless it is done`;
  return `${shown(redis)}: ${why || "gives no answer"}; ended without it${rest}`;
}

/** Name of the job's part. */
function nameOf({ id }: Job<Packed>): string {
  return id!.replace(/^part-/, "");
}

function unpack({ id, data }: Job<Packed>) {
  return parseJob(inflateRawSync(Buffer.from(data.chunk, "base64")).toString("utf8"), `job ${id}`);
}

/** Checks for an empty queue. Chunks of other workers count, as they may come back. */
function lookWhetherEmpty(worker: Worker<Packed, ChunkDone>, onEmpty: () => void): NodeJS.Timeout {
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
      if (wait + active + delayed === 0) onEmpty();
    } catch {
      // The worker waits for Redis.
    } finally {
      looking = false;
    }
  }, LOOK);
}
