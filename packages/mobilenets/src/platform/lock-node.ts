import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds without a sign of its holder after which a lock is taken over. */
const STALE = 10_000;
const HEARTBEAT = STALE / 5;
const POLL = 100;

/** Runs `work` under a lock between processes. The lock is a folder at `path`, because creating one is atomic. */
export async function withLock<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  while (!(await mkdir(path).then(() => true, ifExists))) {
    const held = await stat(path).catch(() => null);
    if (held && Date.now() - held.mtimeMs > STALE) await rm(path, { recursive: true, force: true });
    else await sleep(POLL, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { recursive: true, force: true });
  }
}

function ifExists(error: NodeJS.ErrnoException): false {
  if (error.code === "EEXIST") return false;
  throw error;
}
