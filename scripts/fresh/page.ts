import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { Answer } from "./project.ts";

/**
 * What a page that uses us has to allow, and nothing more. `data:` is the template's own empty icon. Parcel writes an
 * import map into the page, which has to be allowed by its hash.
 */
function policyOf(html: string): string {
  const maps = [...html.matchAll(/<script type="?importmap"?>(.*?)<\/script>/gs)].map(
    ([, text]) => ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  const scripts = `script-src 'self' 'wasm-unsafe-eval'${maps.join("")}`;
  return `default-src 'none'; ${scripts}; worker-src blob:; connect-src 'self'; img-src data:`;
}

/** Serves a folder with the policy, and isolated, so that threads may share memory; the picture, if any, beside its pages. */
export async function withFolder<T>(folder: string, picture: string, use: (origin: string) => Promise<T>): Promise<T> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const name = path === "/" ? "/index.html" : path;
    const body = await read(folder, picture, name);
    response.writeHead(body ? 200 : 404, {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      ...(body && name.endsWith(".html") && { "content-security-policy": policyOf(`${body}`) }),
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

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

/** Those that make only the script keep the HTML file's name. */
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
  /** Bytes of scripts that the page loaded until it had the answer, each gzipped by itself. */
  readonly gzip: number;
  /** Workers that it started. */
  readonly workers: number;
}

const PATIENCE_MS = 60_000;

/** Opens a page and waits for what it shows. @throws Error for the page's error, or anything in its console that is one */
export async function askPage(browser: Browser, url: string): Promise<Asked> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    const scripts: Promise<number>[] = [];
    let workers = 0;
    page.on("pageerror", (error) => errors.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("worker", () => {
      workers++;
    });
    page.on("response", (response) => {
      const script = response.request().resourceType() === "script" && response.url().startsWith("http");
      if (script) scripts.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
    });
    await page.goto(url);
    const shown = page.locator("#answer.done, #answer.failed");
    const text = await shown.textContent({ timeout: PATIENCE_MS }).catch(() => null);
    const failed = text === null || (await shown.getAttribute("class")) === "failed";
    if (failed || errors.length > 0) throw new Error(`${url}: ${[text ?? "no answer", ...errors].join("\n")}`);
    const sizes = await Promise.all(scripts);
    return { answer: JSON.parse(text), gzip: sizes.reduce((a, b) => a + b, 0), workers };
  } finally {
    await context.close();
  }
}

/** Opens a page and waits until its console has said all lines. @throws Error for an error, or after a while */
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
