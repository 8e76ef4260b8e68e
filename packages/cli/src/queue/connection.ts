import { Queue } from "bullmq";
import { OptionError, ReadError } from "mobilenets";

/** Address and name of a queue. */
export interface QueueFlags {
  readonly redis: string;
  readonly queue: string;
}

/** Data of a job in Redis. The chunk is compressed, because its paths are similar. */
export interface Packed {
  /** Number of pictures, if known. */
  readonly pictures?: number;
  /** The chunk job as JSON, deflated, in base64. */
  readonly chunk: string;
}

/** Number of completed jobs that Redis keeps, for the rate. */
export const REMEMBERED = 500;

const CONNECT_MS = 3000;
/** Most milliseconds for one command, which is about a hundred jobs at most. */
const COMMAND_MS = 4000;

/** The address without its password, for display. */
export function shown(redis: string): string {
  const url = new URL(redis);
  if (url.password !== "") url.password = "***";
  return url.href;
}

/** @throws OptionError for an invalid address of Redis, or an invalid name of a queue */
export function checkAddress({ redis, queue }: QueueFlags): void {
  const { protocol } = URL.canParse(redis) ? new URL(redis) : { protocol: "" };
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw new OptionError({ where: "--redis", found: redis, expected: "an address such as redis://host:6379" });
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
  // A command fails without Redis. A worker waits for it.
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

/** True if Redis refuses the password or the user, so that waiting does not help. */
export function isRefusal({ message }: Error): boolean {
  return /\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid (username-)?password/i.test(message);
}

export function unreachable(redis: string, cause: Error): ReadError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const found = cause.name === "ReplyError" ? `refuses (${message})` : `cannot be reached (${code ?? message})`;
  const hint = isRefusal(cause)
    ? "put the password into the address: redis://:password@host:6379"
    : "is Redis running there? `redis-server --appendonly yes` starts one";
  return new ReadError({ where: shown(redis), found, hint }, { cause });
}
