import { accessSync, constants } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";

/** A page in Chromium with the exports of a module, callable from the test. */
export interface TestPage<Entry> {
  /**
   * Calls an exported function in the page. Arguments and result are copied: plain data and typed arrays.
   * An exception, in the call or in the page since the last one, rejects.
   */
  call<Name extends Functions<Entry>>(name: Name, ...args: Arguments<Entry[Name]>): Promise<Result<Entry[Name]>>;
  /** Ends the browser and the server. */
  close(): Promise<void>;
}

type Functions<Entry> = {
  [K in keyof Entry]: Entry[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Entry] &
  string;
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Bundles the module at `entry` for browsers (the library from its sources, `#platform` as browsers see it), serves it
 * with `files` (by path, e.g. `/cat.png`) from a cross-origin isolated page, so that threads work, and opens that.
 *
 *     const page = await openPage<typeof import("./thing.page.ts")>(new URL("./thing.page.ts", import.meta.url));
 *     after(() => page.close());
 *     assert.equal(await page.call("add", 1, 2), 3);
 *
 * @param absent packages to leave out of the bundle, as if they were not installed: `thing` or `thing/*`
 * @param policy the page's content security policy
 * @param flags of Chromium, beside those of all tests
 * @throws if there is no `chromium` on the PATH: a test that needs it fails rather than hides.
 */
export async function openPage<Entry>(
  entry: URL,
  files: Record<string, Uint8Array> = {},
  absent: readonly string[] = [],
  policy?: string,
  flags?: readonly string[],
): Promise<TestPage<Entry>> {
  const served = new Map<string, Uint8Array>(Object.entries(files));
  served.set("/", Buffer.from(PAGE));
  served.set("/entry.js", await bundle(entry, absent));
  const browser = await launchChromium(flags);
  const server = await serve(served, policy);
  const close = async () => {
    await browser.close();
    await new Promise((closed) => server.close(closed));
  };
  try {
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    const rethrow = () => {
      if (errors.length > 0) throw errors.splice(0)[0];
    };
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    rethrow();
    return {
      async call(name, ...args) {
        const result = await page.evaluate(
          async ({ name, args }) => (await (globalThis as unknown as PageGlobals).entry)[name]!(...args),
          { name: name as string, args: args as unknown[] },
        );
        rethrow();
        return result as never;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A browser for pages that are no test's module, such as those that commands write.
 * @param flags of Chromium, beside those of all tests
 * @throws if there is no `chromium` on the PATH
 */
export function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: [...FLAGS, ...flags] });
}

interface PageGlobals {
  entry: Promise<Record<string, (...args: unknown[]) => unknown>>;
}

// The promise is there as soon as the page is; a module that fails to load rejects the first call.
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script>globalThis.entry = import("/entry.js")</script>`;

/** A module for browsers, with all that it imports. */
export async function bundle(entry: URL, absent: readonly string[] = []): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["source"],
    external: [...absent],
    sourcemap: "inline",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.contents;
}

async function serve(files: ReadonlyMap<string, Uint8Array>, policy: string | undefined) {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname;
    const body = files.get(path);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": contentType(path),
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      ...(policy !== undefined && { "content-security-policy": policy }),
    });
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

/** Only what a browser insists on; it finds out the type of pictures by itself. */
function contentType(path: string): string {
  if (path === "/") return "text/html";
  if (path.endsWith(".js")) return "text/javascript";
  return path.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
}

function findChromium(): string {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "chromium");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error("no chromium on the PATH: the browser tests need it, e.g. apt-get install chromium");
}
