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
/** What Redis may take to hear that a chunk is done, or is given back, and that the worker leaves, in milliseconds. */
const FAREWELL = 2000;
/** What a chunk may take to end once it is given up, in milliseconds. */
const GIVE_UP = 4000;

/** Works on the chunks of a queue until it is told to stop. */
export async function workOnQueue(flags: RedisWorkerFlags): Promise<void> {
  checkAddress(flags);
  const say = flags.quiet ? () => {} : diagnostic;
  const maker = new PartMaker({ threads: flags.threads, batchSize: flags.batchSize }, say);
  const stop = new AbortController();
  let unfit: unknown;
  /** Name of the chunk that Redis holds this worker for. */
  let inHand: string | undefined;
  /** Settles when the chunk's part is there, or the chunk is given up, whether Redis hears of it or not. */
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
        // It takes no other before this one is given back.
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
    // Redis away: it is waited for.
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
    say(computed ? `${name}: ${grouped(pictures)} pictures in ${seconds.toFixed(1)} s${bad}` : `${name}: was there`);
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
    else say(inHand ? "stopping: the chunk under way is finished; once more gives it back" : "stopping");
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
      // Without Redis it closes never.
      idle(() => underWay),
      aborted(stop.signal).then(() => sleep(GIVE_UP, false)),
    ]);
    clearTimeout(late);
    await maker.close();
    if (!hasLeft) {
      if (unfit === undefined) diagnostic(`warning: ${farewell(flags, told, inHand)}`);
      // Its connections keep the process, and BullMQ offers no way to end them; the error below is told first.
      setImmediate(() => globalThis.process.exit());
    }
  } finally {
    clearInterval(looking);
    globalThis.process.off("unhandledRejection", onLost);
    for (const signal of ["SIGTERM", "SIGINT"] as const) globalThis.process.off(signal, onSignal);
  }
  if (unfit !== undefined) throw unfit;
  // Who asked for all of it learns that it is not all.
  if (flags.once && !isEmpty) globalThis.process.exitCode = EXIT_INTERRUPTED;
}

/** While it closes, BullMQ leaves some of its promises to nobody: they fail with the connection. */
function onLost(error: unknown): void {
  if ((error as Error | undefined)?.message !== "Connection is closed.") throw error;
}

/** Resolves once no chunk is under way for as long as Redis may take to hear of it. */
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
  const rest = chunk === undefined ? "" : `: ${chunk} is another worker's after ${stalledAfter} s, or found done`;
  return `${shown(redis)}: ${why || "gives no answer"}; ended without it${rest}`;
}

/** Of the job's part. */
function nameOf({ id }: Job<Packed>): string {
  return id!.replace(/^part-/, "");
}

function unpack({ id, data }: Job<Packed>) {
  return parseJob(inflateRawSync(Buffer.from(data.chunk, "base64")).toString("utf8"), `job ${id}`);
}

/** The queue is not empty while others work on chunks, which may come back. */
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
      // Redis away: it is waited for.
    } finally {
      looking = false;
    }
  }, LOOK);
}
