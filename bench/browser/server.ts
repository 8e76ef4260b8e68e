import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
};

/**
 * Serves folders by their first path segment, and the contenders' pages at `/<contender>`. Cross-origin isolated, so
 * that threads work; uncompressed and not stored, so that every start downloads everything.
 * @param scripts the files of `app` that a contender's page needs at once
 */
export async function serve(
  folders: ReadonlyMap<string, string>,
  scripts: ReadonlyMap<string, readonly string[]>,
): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const [, first, ...rest] = path.split("/");
    const headers = {
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cache-control": "no-store",
    };
    if (rest.length === 0) {
      response.writeHead(200, { ...headers, "content-type": "text/html" });
      response.end(html(first, scripts.get(first) ?? []));
      return;
    }
    const folder = folders.get(first);
    const file = join(folder ?? "", ...rest);
    const info = folder && (await stat(file).catch(() => undefined));
    if (!info) {
      response.writeHead(404, headers).end();
      return;
    }
    const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": type, "content-length": info.size });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/**
 * Asks for all scripts at once, as pages that Vite builds do. With `?run=fromNavigation:<network>` it calls that at once,
 * on 1 thread.
 */
const html = (contender: string, scripts: readonly string[]) => `<!doctype html><meta charset="utf-8">
<link rel="icon" href="data:,">
${scripts.map((file) => `<link rel="modulepreload" href="/app/${file}">`).join("")}
<script type="module">
  const { page } = await import("/app/${contender}.js");
  globalThis.page = page;
  const [method, network] = new URLSearchParams(location.search).get("run")?.split(":") ?? [];
  if (method) globalThis.result = page[method]({ network, threads: 1 });
</script>`;
