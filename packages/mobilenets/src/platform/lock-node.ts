import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A lock whose holder has not shown itself for so long is taken over, in milliseconds. */
const STALE = 10_000;
const HEARTBEAT = STALE / 5;
const POLL = 100;

/** Runs `work` while no other process does so under the same path. A folder is the lock: making one is atomic. */
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
