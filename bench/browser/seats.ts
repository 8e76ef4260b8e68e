import { type Browser, chromium } from "playwright-core";
import type { Order, RemoteSeat } from "../contest.ts";
import { CHROMIUM_FLAG, isWidened, plain } from "../wide.ts";
import type { Page } from "./page.ts";

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** @param flags in addition to the usual ones */
export const launch = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: [...FLAGS, ...flags] });

/** A contender in a separate browser. */
export async function browserSeat(url: string, { contender, network, threads }: Order): Promise<RemoteSeat> {
  const browser = await launch(isWidened(contender) ? [CHROMIUM_FLAG] : []);
  try {
    const tab = await browser.newPage();
    if (contender === "tfjs") await tab.addInitScript(reportProcessors(2 * threads));
    await tab.goto(`${url}/${plain(contender)}`);
    await tab.waitForFunction(() => "page" in globalThis);
    const call = <M extends keyof Page>(method: M, ...args: Parameters<Page[M]>) =>
      tab.evaluate(callPage, { method, args }) as Promise<Awaited<ReturnType<Page[M]>>>;
    const actual = await call("open", { network, threads });
    return {
      contender,
      threads: actual ?? threads,
      output: () => call("output"),
      warmUp: (runs, ms) => call("warmUp", runs, ms),
      time: (pictures) => call("time", pictures),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Runs in the page. */
function callPage({ method, args }: { method: string; args: unknown[] }): unknown {
  const { page } = globalThis as unknown as { page: Record<string, (...args: unknown[]) => unknown> };
  return page[method](...args);
}

/** A script's text that sets the number of processors. TensorFlow.js starts half as many threads. */
const reportProcessors = (count: number) =>
  `Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => ${count} })`;
