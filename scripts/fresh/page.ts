import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { Answer, Others } from "./project.ts";

/**
 * The minimal content security policy of a page that uses the library. `data:` is for the template's empty icon. Parcel
 * writes an import map into the page, which needs its hash; so does a document's inline script.
 */
function policyOf(
  html: string,
  { inlineScripts, styles }: Readonly<Record<"inlineScripts" | "styles", boolean>>,
): string {
  const inline = inlineScripts
    ? /<script type="?module"?>(.*?)<\/script>/gs
    : /<script type="?importmap"?>(.*?)<\/script>/gs;
  const hashes = [...html.matchAll(inline)].map(
    ([, text]) => ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  const scripts = `script-src 'self' 'wasm-unsafe-eval'${hashes.join("")}`;
  return `default-src 'none'; ${scripts}; worker-src 'self' blob:; connect-src 'self'; img-src 'self' data:${styles ? "; style-src 'self'" : ""}`;
}

/** Serves a folder with the policy and cross-origin isolation, and the picture, if any, beside its pages. */
export async function withFolder<T>(
  folder: string,
  picture: string,
  use: (origin: string) => Promise<T>,
  { inlineScripts = false, styles = false } = {},
): Promise<T> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const name = path === "/" ? "/index.html" : path;
    const body = await read(folder, picture, name);
    response.writeHead(body ? 200 : 404, {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      ...(body &&
        name.endsWith(".html") && { "content-security-policy": policyOf(`${body}`, { inlineScripts, styles }) }),
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Reads a file of the folder; projects that only build a script keep the HTML file's name. */
async function read(folder: string, picture: string, name: string): Promise<Buffer | undefined> {
  const paths = [join(folder, name)];
  if (name === "/index.html") paths.push(join(folder, "built.html"));
  if (picture !== "" && name === `/${PICTURE}`) paths.push(picture);
  for (const path of paths) {
    const body = await readFile(path).catch(() => undefined);
    if (body) return body;
  }
}

export const PICTURE = "coffee.png";

export interface Asked {
  readonly answer: Answer;
  /** Bytes of scripts that the page loads until the answer, each gzipped separately. */
  readonly gzip: number;
  /** Number of workers started until then. */
  readonly workers: number;
  readonly others?: Others;
}

const PATIENCE_MS = 60_000;

/** Opens a page and waits for its answer. @throws Error for an error of the page or in its console */
export async function askPage(browser: Browser, url: string): Promise<Asked> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    const scripts: Promise<number>[] = [];
    let workers = 0;
    let counting = true;
    page.on("pageerror", (error) => errors.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("worker", () => {
      workers++;
    });
    page.on("response", (response) => {
      const script = response.request().resourceType() === "script" && response.url().startsWith("http");
      if (!script || !counting) return;
      const size = response.body().then((body) => gzipSync(body, { level: 9 }).length);
      // If the page fails, it is closed, and this promise is not awaited.
      size.catch(() => {});
      scripts.push(size);
    });
    await page.goto(url);
    const shown = page.locator("#answer.done, #answer.failed");
    const text = await shown.textContent({ timeout: PATIENCE_MS }).catch(() => null);
    const failed = text === null || (await shown.getAttribute("class")) === "failed";
    if (failed || errors.length > 0) throw new Error(`${url}: ${[text ?? "no answer", ...errors].join("\n")}`);
    const sizes = await Promise.all(scripts);
    const asked = { answer: JSON.parse(text), gzip: sizes.reduce((a, b) => a + b, 0), workers };
    if ((await shown.getAttribute("data-others")) === null) return asked;
    counting = false;
    await page.evaluate(() => document.dispatchEvent(new Event("others")));
    const more = page.locator('#answer.failed, #answer[data-others^="{"]');
    const others = await more.getAttribute("data-others", { timeout: PATIENCE_MS }).catch(() => "");
    if (others === "" || others === null || errors.length > 0) {
      throw new Error(`${url}, other doors: ${[await shown.textContent(), ...errors].join("\n")}`);
    }
    return { ...asked, others: JSON.parse(others) };
  } finally {
    await context.close();
  }
}

/** Opens a page and waits for all lines in its console. @throws Error for an error or a timeout */
export async function readConsole(browser: Browser, url: string, lines: readonly string[]): Promise<void> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const said: string[] = [];
    const finished = new Promise<void>((done, fail) => {
      page.on("pageerror", fail);
      page.on("console", (message) => {
        said.push(message.text());
        if (message.type() === "error") fail(new Error(message.text()));
        if (lines.every((line) => said.includes(line))) done();
      });
      setTimeout(() => fail(new Error(`${url}: said ${JSON.stringify(said)}`)), PATIENCE_MS).unref();
    });
    await Promise.all([page.goto(url), finished]);
  } finally {
    await context.close();
  }
}

/** Opens a page, chooses a file and waits for a text. @throws Error for an error or a timeout */
export async function askWithFile(browser: Browser, url: string, file: string, text: string): Promise<void> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(url);
    await page.locator("input[type=file]").setInputFiles(file);
    await page
      .getByText(text, { exact: true })
      .waitFor({ timeout: PATIENCE_MS })
      .catch(() => errors.push(`no ${text}`));
    if (errors.length > 0) throw new Error(`${url}: ${errors.join("\n")}\n${await page.locator("body").textContent()}`);
  } finally {
    await context.close();
  }
}
