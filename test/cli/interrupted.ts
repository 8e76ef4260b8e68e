import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { outcome, start, tiny } from "./run.ts";

/**
 * Starts an extraction and sends `signal` at a random moment: after it has dealt with `more` pictures, or, for 0, soon
 * after its start, when it may not have begun to write.
 * @returns how it ended, and how many pictures were done then
 */
export async function interrupted(photos: string, out: string, signal: NodeJS.Signals, more: number) {
  const enough = (await countLines(out)) + more;
  const child = start(["extract", photos, "--out", out, "--format", "npy", ...tiny, "--batch-size", "2"]);
  const ended = outcome(child);
  let running = true;
  ended.finally(() => {
    running = false;
  });
  while (running && (await countLines(out)) < enough) await sleep(2);
  await sleep(Math.random() * (more === 0 ? 800 : 20));
  child.kill(signal);
  return { ...(await ended), done: await countLines(out) };
}

async function countLines(out: string): Promise<number> {
  const text = await readFile(join(out, "items.jsonl"), "latin1").catch(() => "");
  return text.split("\n").length - 1;
}
