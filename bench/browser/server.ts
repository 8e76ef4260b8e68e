import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { text } from "node:stream/consumers";

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
};

export interface Server {
  readonly url: string;
  /** The next report that a page posts (see `html`). */
  report(): Promise<string>;
  close(): void;
}

/**
 * Serves folders by the first path segment, and the contenders' pages at `/<contender>`. Pages are cross-origin isolated,
 * so that threads work; responses are uncompressed and not cached, so that every start downloads everything.
 * @param scripts the files of `app` that a contender's page needs at once
 */
export async function serve(
  folders: ReadonlyMap<string, string>,
  scripts: ReadonlyMap<string, readonly string[]>,
): Promise<Server> {
  const contents = new Map<string, Buffer>();
  let reported = (_report: string) => {};
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const [, first, ...rest] = path.split("/");
    const headers = {
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cache-control": "no-store",
    };
    if (request.method === "POST") {
      reported(await text(request));
      response.writeHead(204, headers).end();
      return;
    }
    if (rest.length === 0) {
      response.writeHead(200, { ...headers, "content-type": "text/html" });
      response.end(first === "idle" ? idle : html(first, scripts.get(first) ?? []));
      return;
    }
    const folder = folders.get(first);
    const file = join(folder ?? "", ...rest);
    // From memory after the first time, so that file reading is not measured.
    const content = contents.get(file) ?? (folder && (await readFile(file).catch(() => undefined)));
    if (!content) {
      response.writeHead(404, headers).end();
      return;
    }
    contents.set(file, content);
    const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": type, "content-length": content.length });
    response.end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report: () =>
      new Promise((resolve) => {
        reported = resolve;
      }),
    close: () => server.close(),
  };
}

/**
 * Requests all scripts at once, as pages built by Vite do. With `?run=fromNavigation:<network>` it calls that function at
 * once, on 1 thread, and posts the answer or the error.
 */
const html = (contender: string, scripts: readonly string[]) => `<!doctype html><meta charset="utf-8">
<link rel="icon" href="data:,">
${scripts.map((file) => `<link rel="modulepreload" href="/app/${file}">`).join("")}
<script type="module">
  const { page } = await import("/app/${contender}.js");
  globalThis.page = page;
  const [method, network] = new URLSearchParams(location.search).get("run")?.split(":") ?? [];
  if (method) {
    const body = String(await page[method]({ network, threads: 1 }).catch((error) => error));
    await fetch("/report", { method: "POST", body });
  }
</script>`;

/** A page that navigates to another after a while: `/idle?then=<URL>&after=<milliseconds>`. */
const idle = `<!doctype html><link rel="icon" href="data:,">
<script>
  const search = new URLSearchParams(location.search);
  setTimeout(() => { location = search.get("then"); }, Number(search.get("after")));
</script>`;
