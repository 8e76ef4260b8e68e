import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { start } from "../cli/run.ts";
import { launchChromium } from "./harness.ts";

/** The built playground, served by the command as people start it. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSite(): Promise<Site> {
  const child = start(["playground", "--port", "0", "--json"]);
  const closed = once(child, "close");
  const said = await Promise.race([once(child.stdout!, "data"), closed.then(([code]) => Promise.reject(ended(code)))]);
  return {
    url: JSON.parse(String(said[0])).url,
    async close() {
      child.kill("SIGINT");
      const [code] = await closed;
      if (code !== 0) throw ended(code);
    },
  };
}

const ended = (code: unknown) => new Error(`mobilenets playground ended with ${code}: npm run build`);

/** A browser whose webcam shows a photograph. @param folder for the film, until the browser is closed */
export async function launchWithWebcam(photograph: URL, folder: string): Promise<Browser> {
  const frame = sharp(fileURLToPath(photograph)).resize(320, 240, { fit: "cover" });
  // Motion JPEG is one picture after the other.
  const film = join(folder, "film.mjpeg");
  await writeFile(film, Buffer.concat(Array(8).fill(await frame.jpeg().toBuffer())));
  return launchChromium(["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`]);
}

export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests that went elsewhere. There should be none. */
  readonly complaints: readonly string[];
  /** Bytes of what was requested, as the server sent it, by address. */
  readonly bodies: ReadonlyMap<string, Promise<Buffer>>;
}

/** Opens the playground as a first visitor. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const bodies = new Map<string, Promise<Buffer>>();
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    // Of a context that asks for it.
    if (message.text() !== "Service Worker registration blocked by Playwright") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  const { origin } = new URL(url);
  context.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== origin && !["data:", "blob:"].includes(asked.protocol)) complaints.push(request.url());
  });
  page.on("response", (response) => {
    if (!response.url().startsWith("http")) return;
    const body = response.body();
    // A page that closes takes bodies with it that no test has asked for.
    body.catch(() => {});
    bodies.set(response.url(), body);
  });
  await page.goto(url);
  return { page, complaints, bodies };
}

/** The first class of the answer, once there is one. */
export async function firstAnswer(page: Page, pattern = /./): Promise<string> {
  const label = page.locator("#panel-classify .bars .label").first();
  await label.filter({ hasText: pattern }).filter({ hasText: /\w/ }).waitFor({ timeout: 60_000 });
  return (await label.textContent())!;
}

/** What axe-core finds that keeps people out: rule and place. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<import("axe-core").AxeResults> } };
    return (await axe.run()).violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes[0]?.html }));
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, where }) => `${id}: ${where}`);
}

const SHOTS = fileURLToPath(new URL("../../demo-out/playground", import.meta.url));

/** Keeps pictures of a view at both widths, light and dark, for people to look at. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const path = join(SHOTS, `${name}-${colorScheme}-${width}.png`);
      await mkdir(dirname(path), { recursive: true });
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}
