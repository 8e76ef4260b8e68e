import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "./page.ts";
import { EXECUTABLE, FLAGS } from "./seats.ts";
import type { Server } from "./server.ts";

/** Milliseconds to the first result, each in a fresh browser. */
export interface FirstResults {
  /** From navigation, with engine and model downloaded from this machine. `bare` is a page that only fetches the model. */
  readonly navigation: Readonly<Record<"ours" | "litert" | "bare", readonly number[]>>;
  /** From our `load()` with the model's bytes in memory. */
  readonly opening: readonly number[];
}

const NETWORK = "mobilenet_v3_small";
/** Milliseconds until a new browser is idle. */
const SETTLE = 1500;

/** Milliseconds after which a browser without an answer is ended. */
const PATIENCE = 60_000;

/** Measures all contenders in turns, as in a contest. */
export async function firstResults(server: Server, repeats: number): Promise<FirstResults> {
  const navigation = { ours: [] as number[], litert: [] as number[], bare: [] as number[] };
  const opening: number[] = [];
  for (let i = 0; i < repeats; i++) {
    for (const contender of ["ours", "litert", "bare"] as const) {
      navigation[contender].push(await inFreshBrowser(server, contender, "fromNavigation"));
    }
    opening.push(await inFreshBrowser(server, "ours", "fromOpening"));
  }
  return { navigation, opening };
}

/**
 * No debugger is attached, because browser drivers inject scripts into each page (Playwright's take 25 ms) during the
 * measurement. Instead an idle page navigates to the contender's, as after a click, and that page posts its answer.
 */
async function inFreshBrowser(server: Server, contender: string, method: keyof Page): Promise<number> {
  const profile = await mkdtemp(join(tmpdir(), "mobilenets-browser-"));
  const target = `${server.url}/${contender}?run=${method}:${NETWORK}`;
  const idle = `${server.url}/idle?then=${encodeURIComponent(target)}&after=${SETTLE}`;
  const report = server.report();
  const flags = [...FLAGS, "--headless", `--user-data-dir=${profile}`];
  const browser = spawn(EXECUTABLE, [...flags, idle], { stdio: "ignore", timeout: PATIENCE });
  const ended = once(browser, "exit");
  try {
    const gone = ended.then(() =>
      Promise.reject(new Error(`${target}: the browser ended, or was after ${PATIENCE} ms`)),
    );
    const answer = await Promise.race([report, gone]);
    const ms = Number(answer);
    if (!(ms > 0)) throw new Error(`${target}: ${answer}`);
    return ms;
  } finally {
    browser.kill();
    await ended.catch(() => {});
    // The browser's helper processes end a little later, and still write.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
