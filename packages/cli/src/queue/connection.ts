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
/** What one command may take, in milliseconds: each is of a hundred jobs at most. */
const COMMAND_MS = 4000;

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
 * @throws ReadError if Redis cannot be reached, is lost, gives no answer, or refuses
 */
export async function withQueue<T>(flags: QueueFlags, work: (queue: Queue<Packed>) => Promise<T>): Promise<T> {
  checkAddress(flags);
  const { redis, queue: name } = flags;
  let last: Error = new Error("no answer");
  // A command ends rather than waits; a worker waits.
  const connection = {
    url: redis,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
  };
  const queue = new Queue<Packed>(name, { connection });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(last), CONNECT_MS);
    queue.on("error", (error) => {
      last = error;
      if (isRefusal(error)) reject(error);
    });
  });
  try {
    await Promise.race([queue.waitUntilReady(), late]).catch((cause) => {
      throw unreachable(redis, cause);
    });
    clearTimeout(timer);
    return await work(queue);
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (kind === "MaxRetriesPerRequestError") throw unreachable(redis, last);
    throw kind === "ReplyError" || message === "Command timed out" ? unreachable(redis, error as Error) : error;
  } finally {
    clearTimeout(timer);
    late.catch(() => {});
    await Promise.race([queue.close(), queue.disconnect()]).catch(() => {});
  }
}

/** Whether Redis has answered, and no waiting will change its mind. */
export function isRefusal({ message }: Error): boolean {
  return /\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid (username-)?password/i.test(message);
}

export function unreachable(redis: string, cause: Error): ReadError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const found = cause.name === "ReplyError" ? `refuses (${message})` : `cannot be reached (${code ?? message})`;
  const hint = isRefusal(cause)
    ? "the password stands in the address: redis://:password@host:6379"
    : "is Redis running there? `redis-server --appendonly yes` starts one";
  return new ReadError({ where: shown(redis), found, hint }, { cause });
}
