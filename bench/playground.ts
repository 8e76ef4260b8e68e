// `npm run bench:playground`: tests whether the built page stays responsive during webcam classification, and how well
// teaching works; see README.md.
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { launchChromium } from "../test/browser/harness.ts";
import { firstAnswer, serveSite, visit } from "../test/browser/playground-site.ts";
import { circumstances } from "./machine.ts";
import { preamble } from "./report.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    photographs: { type: "string", default: "/usr/share/tuxpaint/stamps" },
  },
});
/** Most milliseconds that the main thread may be blocked. */
const LIMIT = 50;
/** Folders of different cut-out photographs of real things. */
const kinds = ["animals/birds", "food/fruit", "plants/flowers"];

const folder = await mkdtemp(join(tmpdir(), "bench-playground-"));
const film = join(folder, "espresso.mjpeg");
const espresso = sharp(await readFile(new URL("../examples/photographs/espresso.jpg", import.meta.url)));
const frame = await espresso.resize(640, 480, { fit: "cover" }).jpeg().toBuffer();
await writeFile(film, Buffer.concat(Array(8).fill(frame)));
const site = await serveSite();
const browser = await launchChromium([
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${film}`,
]);
try {
  console.log(preamble(circumstances(`Chromium ${browser.version()}`, [])));
  console.log("The webcam with EfficientNet-Lite0 and its class-activation map, ImageNet weights:\n");
  console.log("| threads | frames a second | ms each | main thread above 50 ms | longest |\n|---|---:|---:|---:|---:|");
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const isolated of [false, true]) console.log(await webcam(browser, isolated));
  }
  if (existsSync(values.photographs)) console.log(await taught(browser, values.photographs));
  else {
    console.log(`\nTeaching is left out: no photographs at ${values.photographs}.`);
    console.log("`apt-get install tuxpaint-stamps-default` has some; --photographs DIR names them elsewhere.");
  }
} finally {
  await browser.close();
  await site.close();
  await rm(folder, { recursive: true });
}

/** @param isolated whether the page may use several threads */
async function webcam(from: Browser, isolated: boolean): Promise<string> {
  const { page } = await visit(from, "about:blank", { permissions: ["camera"], serviceWorkers: "block" });
  if (!isolated) await withoutIsolation(page);
  await page.goto(site.url);
  await firstAnswer(page, /cat/);
  await page.getByRole("button", { name: "Use the webcam" }).click();
  await firstAnswer(page, /espresso/);
  await page.waitForTimeout(1500);
  const result = await page.evaluate(async (milliseconds) => {
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: "longtask" });
    const numbers = [...document.querySelectorAll("#panel-classify .number b")];
    let frames = 0;
    // The page writes the time of each frame, even if it does not change.
    const watcher = new MutationObserver(() => frames++);
    watcher.observe(numbers[0], { childList: true });
    const start = performance.now();
    await new Promise((done) => setTimeout(done, milliseconds));
    const rate = (1000 * frames) / (performance.now() - start);
    return {
      rate,
      each: numbers[0].textContent,
      tasks,
      threads: crossOriginIsolated ? navigator.hardwareConcurrency : 1,
    };
  }, 1000 * Number(values.seconds));
  await page.context().close();
  const blocked = result.tasks.filter((duration) => duration > LIMIT);
  const longest = Math.max(0, ...blocked);
  const threads = Math.min(4, result.threads);
  return `| ${threads} | ${result.rate.toFixed(1)} | ${result.each} | ${blocked.length} | ${longest.toFixed(0)} |`;
}

async function withoutIsolation(page: Page): Promise<void> {
  await page.route(site.url, async (route) => {
    const response = await route.fetch();
    const { "cross-origin-embedder-policy": _, "cross-origin-opener-policy": __, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
}

/** Teaches every other photograph of three kinds, and tests the others. */
async function taught(from: Browser, photographs: string): Promise<string> {
  const asked: { kind: string; path: string }[] = [];
  for (const path of kinds) {
    const kind = path.split("/")[1];
    const files = readdirSync(join(photographs, path))
      .filter((name) => name.endsWith(".png"))
      .sort();
    for (const [i, name] of files.entries()) {
      const source = join(photographs, path, name);
      if (i % 2 === 0) await cp(source, join(folder, "taught", kind, name));
      else asked.push({ kind, path: source });
    }
  }
  const { page } = await visit(from, `${site.url}#teach`);
  const panel = page.locator("#panel-teach");
  await panel.locator("input[data-input=chooseFolders]").setInputFiles(join(folder, "taught"));
  await panel.locator(".busy").waitFor();
  await panel.locator(".busy").waitFor({ state: "hidden", timeout: 300_000 });
  await panel.getByRole("button", { name: "Learn from these pictures" }).click();
  await panel.getByText(/^Learnt in/).waitFor({ timeout: 300_000 });
  const learnt = await panel.locator(".lesson .status").textContent();
  const picture = panel.locator(".tried img");
  let right = 0;
  for (const { kind, path } of asked) {
    const before = (await picture.count()) > 0 ? await picture.getAttribute("src") : "";
    await panel.locator("input[data-input=tryPicture]").setInputFiles(path);
    await panel.locator(`.tried img:not([src="${before}"])`).waitFor();
    if ((await panel.locator(".try .bars .label").first().textContent()) === kind) right++;
  }
  await page.context().close();
  const share = ((100 * right) / asked.length).toFixed(1);
  return `\nThree classes of photographs (${kinds.join(", ")}), taught with every other one: ${learnt} Of the others ${right} of ${asked.length} are right, ${share} %.`;
}
