import { Queue } from "bullmq";
import { OptionError, ReadError } from "mobilenets";

/** Where a queue lies. */
export interface QueueFlags {
  readonly redis: string;
  readonly queue: string;
}

/** What a job carries through Redis: the chunk, compressed, as paths repeat each other. */
export interface Packed {
  /** Pictures, where they are known. */
  readonly pictures?: number;
  /** The chunk job as JSON, deflated, in base64. */
  readonly chunk: string;
}

/** Of the jobs that are done, so many are remembered, for the rate. */
export const REMEMBERED = 500;

const CONNECT_MS = 3000;

/** Address without its password, as it can be shown. */
export function shown(redis: string): string {
  const url = new URL(redis);
  if (url.password !== "") url.password = "***";
  return url.href;
}

/** @throws OptionError for what is no address of a Redis */
export function checkAddress({ redis, queue }: QueueFlags): void {
  const { protocol } = URL.canParse(redis) ? new URL(redis) : { protocol: "" };
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw new OptionError({ where: "--redis", found: redis, expected: "an address as redis://host:6379" });
  }
  if (/^[\w.-]+$/.test(queue)) return;
  throw new OptionError({ where: "--queue", found: queue, expected: "letters, digits, and any of . _ -" });
}

/**
 * Runs `work` on a queue.
 * @throws ReadError if Redis cannot be reached
 */
export async function withQueue<T>(flags: QueueFlags, work: (queue: Queue<Packed>) => Promise<T>): Promise<T> {
  checkAddress(flags);
  const { redis, queue: name } = flags;
  let last = "no answer";
  // A command ends rather than waits; a worker waits.
  const connection = { url: redis, connectTimeout: CONNECT_MS, maxRetriesPerRequest: 1, enableOfflineQueue: true };
  const queue = new Queue<Packed>(name, { connection });
  queue.on("error", (error) => {
    last = (error as NodeJS.ErrnoException).code ?? error.message;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(last)), CONNECT_MS);
  });
  try {
    await Promise.race([queue.waitUntilReady(), late]).catch((cause) => {
      throw unreachable(redis, last, cause);
    });
    clearTimeout(timer);
    return await work(queue);
  } catch (error) {
    const { name: kind } = error as Error;
    throw kind === "MaxRetriesPerRequestError" ? unreachable(redis, last, error) : error;
  } finally {
    clearTimeout(timer);
    late.catch(() => {});
    await Promise.race([queue.close(), queue.disconnect()]).catch(() => {});
  }
}

export function unreachable(redis: string, why: string, cause?: unknown): ReadError {
  const hint = "is Redis running there? `redis-server --appendonly yes` starts one";
  return new ReadError({ where: shown(redis), found: `cannot be reached (${why})`, hint }, { cause });
}
