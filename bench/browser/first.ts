import type { Page } from "./page.ts";
import { launch } from "./seats.ts";

/** Milliseconds to the first result, a fresh browser for each. */
export interface FirstResults {
  /** From navigation; engine and model are downloaded from this machine. */
  readonly navigation: Readonly<Record<"ours" | "litert", readonly number[]>>;
  /** From `load()` with the model's bytes in memory; ours. */
  readonly opening: readonly number[];
}

const NETWORK = "mobilenet_v3_small";
/** Milliseconds until a browser that has just started has nothing else to do. */
const SETTLE = 1500;

/** Repeats in turn, as in a contest. */
export async function firstResults(url: string, repeats: number): Promise<FirstResults> {
  const navigation = { ours: [] as number[], litert: [] as number[] };
  const opening: number[] = [];
  for (let i = 0; i < repeats; i++) {
    for (const contender of ["ours", "litert"] as const) {
      navigation[contender].push(await inFreshBrowser(`${url}/${contender}`, "fromNavigation"));
    }
    opening.push(await inFreshBrowser(`${url}/ours`, "fromOpening"));
  }
  return { navigation, opening };
}

async function inFreshBrowser(url: string, method: keyof Page): Promise<number> {
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    await tab.goto(`${url}?run=${method}:${NETWORK}`);
    const handle = await tab.waitForFunction(() => (globalThis as { result?: unknown }).result);
    return (await handle.jsonValue()) as number;
  } finally {
    await browser.close();
  }
}
