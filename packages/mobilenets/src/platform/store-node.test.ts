import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { WeightsError } from "../errors.ts";
import type { Published } from "../weights/published/published.ts";
import { ReadError } from "./platform.ts";
import type { FetchOptions, Progress } from "./store.ts";
import { cachePath, fetchPublished as fetchVerified } from "./store-node.ts";

const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) & 255));
const md5 = createHash("md5").update(content).digest("hex");

/** `fetchVerified` without verification: the tests do not serve weight files. */
const fetchPublished = (file: Published, options?: FetchOptions) => fetchVerified(file, options, async () => {});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** Handlers of the next requests, in order; the last one stays. */
let handlers: Handler[] = [];
let requests: IncomingMessage[] = [];
let origin = "";
let cache = "";

const server = createServer((request, response) => {
  requests.push(request);
  (handlers.length > 1 ? (handlers.shift() as Handler) : handlers[0])(request, response);
});

const headersFrom = (start: number) => ({
  etag: '"v1"',
  "content-length": content.length - start,
  ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
});

/** Serves the content with ranges and entity tags. */
const whole: Handler = (request, response) => {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = range && request.headers["if-range"] === '"v1"' ? Number(range[1]) : 0;
  response.writeHead(start > 0 ? 206 : 200, headersFrom(start));
  response.end(content.subarray(start));
};
/** Bytes that the client has received; a dropped connection may lose bytes in transit. */
let received = 0;
const onProgress = (progress: Progress) => {
  received = progress.received;
};
/** Sends some bytes, and drops the connection after the client has them. */
const dropAfter =
  (bytes: number): Handler =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, headersFrom(start));
    response.write(content.subarray(start, start + bytes));
    const poll = setInterval(() => {
      if (received < start + bytes) return;
      clearInterval(poll);
      response.destroy();
    }, 5);
  };
const status =
  (code: number): Handler =>
  (_, response) => {
    response.writeHead(code).end("no");
  };

function file(checksum = md5, paths = ["/a/w.h5"]): Published {
  return {
    name: "test/w",
    network: "mobilenet_v1",
    options: { flavor: "keras", alpha: 1 },
    sources: paths.map((path) => ({ url: `${origin}${path}`, checksum: { algorithm: "md5", hex: checksum } })),
  };
}

const fails = (pattern: RegExp) => (error: unknown) => error instanceof ReadError && pattern.test(error.message);

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "mobilenets-store-"));
  process.env.MOBILENETS_CACHE = cache;
  delete process.env.MOBILENETS_OFFLINE;
  delete process.env.MOBILENETS_MIRROR;
  requests = [];
  received = 0;
});

test("fetches once, with progress, and has it from the cache afterwards, offline too", async () => {
  handlers = [whole];
  const seen: Progress[] = [];
  const { bytes } = await fetchPublished(file(), { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(Buffer.from(bytes), content);
  assert.deepEqual(seen.at(-1), { url: `${origin}/a/w.h5`, received: content.length, total: content.length });
  const again = await fetchPublished(file(), { offline: true });
  assert.deepEqual(Buffer.from(again.bytes), content);
  assert.equal(requests.length, 1);
  assert.deepEqual((await readdir(dirname(cachePath(file())))).sort(), ["w.h5", "w.h5.json"]);
});

test("continues where the connection broke, asking for the rest only", async () => {
  handlers = [dropAfter(10_000), dropAfter(5_000), whole];
  const { bytes } = await fetchPublished(file(), { onProgress });
  assert.deepEqual(Buffer.from(bytes), content);
  assert.deepEqual(
    requests.map(({ headers }) => headers.range),
    [undefined, "bytes=10000-", "bytes=15000-"],
  );
});

test("continues a part that an earlier run left", async () => {
  handlers = [dropAfter(10_000), status(503)];
  await assert.rejects(fetchPublished(file(), { onProgress }), fails(/HTTP status 503, 5 times in a row/));
  handlers = [whole];
  requests = [];
  const { bytes } = await fetchPublished(file());
  assert.deepEqual(Buffer.from(bytes), content);
  assert.equal(requests[0].headers.range, "bytes=10000-");
});

test("starts anew when the file behind the address has changed", async () => {
  handlers = [dropAfter(10_000), status(503)];
  await assert.rejects(fetchPublished(file(), { onProgress }));
  // This server ignores the range, as it must when the tag does not match.
  handlers = [(_, response) => response.writeHead(200, { etag: '"v2"' }).end(content)];
  const { bytes } = await fetchPublished(file());
  assert.deepEqual(Buffer.from(bytes), content);
});

test("refuses a body that is not what was published, and keeps nothing of it", async () => {
  handlers = [(_, response) => response.writeHead(200).end(content.subarray(1))];
  await assert.rejects(fetchPublished(file()), fails(/md5 [0-9a-f]{32}, expected [0-9a-f]{32}: damaged on the way/));
  assert.deepEqual(
    (await readdir(dirname(cachePath(file())))).filter((name) => /\.(h5|part)$/.test(name)),
    [],
  );
});

test("notices a truncated body by its length and tries again", async () => {
  handlers = [
    (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 100), () => setTimeout(() => response.destroy(), 20));
    },
    whole,
  ];
  const { bytes } = await fetchPublished(file());
  assert.deepEqual(Buffer.from(bytes), content);
});

test("follows redirects", async () => {
  handlers = [(_, response) => response.writeHead(302, { location: "/elsewhere" }).end(), whole];
  assert.deepEqual(Buffer.from((await fetchPublished(file())).bytes), content);
  assert.deepEqual(
    requests.map(({ url }) => url),
    ["/a/w.h5", "/elsewhere"],
  );
});

test("gives up at once on 403, goes to the next source, and says at the end how to fetch by hand", async () => {
  handlers = [status(403), whole];
  const two = file(md5, ["/a/w.h5", "/b/w.h5"]);
  assert.deepEqual(Buffer.from((await fetchPublished(two)).bytes), content);
  assert.deepEqual(
    requests.map(({ url }) => url),
    ["/a/w.h5", "/b/w.h5"],
  );
  await rm(cache, { recursive: true });
  handlers = [status(403)];
  await assert.rejects(fetchPublished(file()), (error: unknown) => {
    assert.ok(fails(/test\/w: cannot be fetched \(.*HTTP status 403 Forbidden\)/)(error));
    assert.ok(
      (error as Error).message.includes(`fetch ${origin}/a/w.h5 by other means and save it as ${cachePath(file())}`),
    );
    return true;
  });
});

test("asks mirrors first, host and path behind their address", async () => {
  handlers = [whole];
  process.env.MOBILENETS_MIRROR = `${origin}/mirror/`;
  await fetchPublished(file());
  assert.equal(requests[0].url, `/mirror/${new URL(origin).host}/a/w.h5`);
});

test("offline, an uncached file is an error and no request", async () => {
  process.env.MOBILENETS_OFFLINE = "1";
  await assert.rejects(fetchPublished(file()), fails(/not in the cache, and --offline is set/));
  assert.equal(requests.length, 0);
});

test("pins what has no published checksum on first use, and notices a change", async () => {
  handlers = [whole];
  const unpinned: Published = { ...file(), sources: [{ url: `${origin}/a/w.h5` }] };
  await fetchPublished(unpinned);
  const path = cachePath(unpinned);
  await writeFile(path, Buffer.concat([await readFile(path), Buffer.from("x")]));
  await assert.rejects(fetchPublished(unpinned), fails(/it changed since it was fetched: delete it/));
});

test("takes a file put there by hand if it is the published one", async () => {
  handlers = [status(500)];
  await fetchPublished(file()).catch(() => {});
  await writeFile(cachePath(file()), content);
  assert.deepEqual(Buffer.from((await fetchPublished(file())).bytes), content);
  await writeFile(cachePath(file()), content.subarray(2));
  await assert.rejects(fetchPublished(file()), fails(/changed since/));
});

test("two at the same time fetch once", async () => {
  handlers = [whole];
  const [a, b] = await Promise.all([fetchPublished(file()), fetchPublished(file())]);
  assert.deepEqual(a.bytes, b.bytes);
  assert.equal(requests.length, 1);
});

test("an abort stops it, and what came so far stays for the next time", async () => {
  handlers = [
    (_, response) => {
      response.writeHead(200, { etag: '"v1"', "content-length": content.length });
      response.write(content.subarray(0, 20_000));
    },
  ];
  const stop = new AbortController();
  const running = fetchPublished(file(), { signal: stop.signal, onProgress: () => setTimeout(() => stop.abort(), 50) });
  await assert.rejects(running, { name: "AbortError" });
  requests = [];
  handlers = [whole];
  await fetchPublished(file());
  assert.equal(requests[0].headers.range, "bytes=20000-");
});

test("a range that was not asked for, or another than was, is no file and is not kept", async () => {
  const partial =
    (range?: string): Handler =>
    (_, response) =>
      response.writeHead(206, { etag: '"v1"', ...(range && { "content-range": range }) }).end(content.subarray(0, 100));
  for (const range of [undefined, "bytes 0-99/50000", "bytes 7-106/50000", "nonsense"]) {
    handlers = [partial(range)];
    await assert.rejects(fetchPublished(file()), fails(/HTTP status 206 with range .*, expected the whole file/));
    assert.deepEqual(await readdir(dirname(cachePath(file()))), []);
  }
  for (const range of [undefined, "bytes 0-99/50000", "bytes 9999-10098/50000"]) {
    received = 0;
    handlers = [dropAfter(10_000), partial(range)];
    await assert.rejects(fetchPublished(file(), { onProgress }), fails(/206 .*, expected the bytes from 10000 on/));
  }
  handlers = [whole];
  assert.deepEqual(Buffer.from((await fetchPublished(file())).bytes), content);
});

test("what is empty, or cannot be read as weights, is neither cached nor pinned", async () => {
  const unpinned: Published = { ...file(), sources: [{ url: `${origin}/a/w.h5` }] };
  handlers = [(_, response) => response.writeHead(200).end()];
  await assert.rejects(fetchPublished(unpinned), fails(/an empty answer/));
  handlers = [(_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in")];
  const login = fetchVerified(unpinned, {}, async (bytes) => {
    if (Buffer.from(bytes).includes("html")) throw new WeightsError({ where: "w.h5", found: "a web page" });
  });
  await assert.rejects(login, fails(/cannot be fetched \(.*w\.h5: a web page\)/));
  assert.deepEqual(await readdir(dirname(cachePath(unpinned))), []);
});

test("a pin that is broken is mended, if the file is the one that was published", async () => {
  handlers = [whole];
  await fetchPublished(file());
  const pin = `${cachePath(file())}.json`;
  const text = await readFile(pin, "utf8");
  handlers = [status(500)];
  for (const broken of ["", "{", "null", '{"url":7}', '{"url":"x","sha256":"y"}', text.slice(0, 40)]) {
    await writeFile(pin, broken);
    assert.deepEqual(Buffer.from((await fetchPublished(file())).bytes), content);
    assert.equal(await readFile(pin, "utf8"), text);
  }
  await writeFile(pin, "{");
  await writeFile(cachePath(file()), "damaged");
  await assert.rejects(fetchPublished(file()), fails(/md5 .*, expected/));
});

test("an answer that never ends, or never goes on, is stopped by a limit that the error names", async () => {
  const chunk = Buffer.alloc(2 ** 16, 7);
  const endless: Handler = (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  };
  handlers = [endless];
  await assert.rejects(
    fetchPublished(file(), { maxBytes: 1e6 }),
    fails(/more bytes than expected, expected at most 1000000: .*maxBytes/),
  );
  handlers = [(_, response) => void response.writeHead(200).write("a")];
  await assert.rejects(fetchPublished(file(), { idleTimeout: 100 }), fails(/no byte for 0.1 seconds: .*idleTimeout/));
  handlers = [
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("a"), 20);
      response.on("close", () => clearInterval(drip));
    },
  ];
  await assert.rejects(fetchPublished(file(), { timeout: 200 }), fails(/no end within 0.2 seconds: .*timeout/));
});
