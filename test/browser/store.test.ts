import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import type { Published } from "../../packages/mobilenets/src/weights/published/published.ts";
import { openPage } from "./harness.ts";

const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) & 255));
const sha256 = createHash("sha256").update(content).digest("hex");

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** What the server does with the next requests, in order; the last one stays. */
let handlers: Handler[] = [];
let requests: string[] = [];

/** Not the page's own origin, as with real hosts of weights. */
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  (handlers.length > 1 ? (handlers.shift() as Handler) : handlers[0])(request, response);
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const OPEN = { "access-control-allow-origin": "*" };
const whole: Handler = (_, response) => {
  response.writeHead(200, { ...OPEN, "content-length": content.length }).end(content);
};
const status =
  (code: number): Handler =>
  (_, response) => {
    response.writeHead(code, OPEN).end("no");
  };
const part =
  (bytes: number, then: (response: ServerResponse) => void): Handler =>
  (_, response) => {
    response.writeHead(200, { ...OPEN, "content-length": content.length });
    response.write(content.subarray(0, bytes), () => then(response));
  };

/** With the beginning of a checksum, as torchvision and timm publish them. */
function file(paths = ["/a/w.pth"], hex = sha256.slice(0, 8)): Published {
  return {
    name: "test/w",
    network: "mobilenet_v1",
    options: { flavor: "keras", alpha: 1 },
    sources: paths.map((path) => ({ url: `${origin}${path}`, checksum: { algorithm: "sha256", hex } })),
  };
}

const page = await openPage<typeof import("./store.page.ts")>(new URL("./store.page.ts", import.meta.url));
after(async () => {
  await page.close();
  server.close();
});
beforeEach(async () => {
  await page.call("emptied");
  requests = [];
});

test("fetches once, with progress, and has it from Cache Storage afterwards, offline too", async () => {
  handlers = [whole];
  const first = await page.call("fetched", file());
  assert.deepEqual(Buffer.from(first.bytes), content);
  const url = `${origin}/a/w.pth`;
  assert.deepEqual([first.url, first.progress], [url, { url, received: content.length, total: content.length }]);
  for (const offline of [false, true]) {
    const again = await page.call("fetched", file(), offline);
    assert.deepEqual(Buffer.from(again.bytes), content);
    assert.deepEqual([again.url, again.progress], [url, undefined]);
  }
  assert.deepEqual(requests, ["/a/w.pth"]);
  assert.deepEqual(await page.call("cached"), [url]);
});

test("a body that is not what was published is an error, and is not cached", async () => {
  const damaged = Buffer.from(content);
  damaged[100] ^= 1;
  handlers = [(_, response) => response.writeHead(200, OPEN).end(damaged), whole];
  await assert.rejects(
    page.call("fetched", file()),
    new RegExp(`test/w: cannot be fetched \\(${origin}/a/w\\.pth: sha256 [0-9a-f]{64}, expected ${sha256.slice(0, 8)}`),
  );
  assert.deepEqual(await page.call("cached"), []);
  assert.deepEqual(Buffer.from((await page.call("fetched", file())).bytes), content);
  assert.equal(requests.length, 2);
});

test("403 leads to the next source, and at the end to how to fetch it by hand", async () => {
  handlers = [status(403), whole];
  const { bytes, url } = await page.call("fetched", file(["/a/w.pth", "/b/w.pth"]));
  assert.deepEqual(Buffer.from(bytes), content);
  assert.equal(url, `${origin}/b/w.pth`);
  assert.deepEqual(requests, ["/a/w.pth", "/b/w.pth"]);
  await page.call("emptied");
  handlers = [status(403)];
  await assert.rejects(page.call("fetched", file()), (error: Error) => {
    assert.match(error.message, /test\/w: cannot be fetched \(.*\/a\/w\.pth: HTTP status 403\)/);
    assert.ok(error.message.includes(`fetch ${origin}/a/w.pth by other means, serve it from your own site`));
    return true;
  });
  assert.deepEqual(await page.call("cached"), []);
});

test("a broken connection, and a host that lets no other site read, are errors that name the address", async () => {
  for (const handler of [
    part(10_000, (response) => setTimeout(() => response.destroy(), 20)),
    (_: IncomingMessage, response: ServerResponse) => response.destroy(),
    (_: IncomingMessage, response: ServerResponse) => response.writeHead(200).end(content),
  ]) {
    handlers = [handler];
    await assert.rejects(page.call("fetched", file()), /\/a\/w\.pth: .*the connection broke, or .* \(CORS\)/);
  }
  assert.deepEqual(await page.call("cached"), []);
});

test("follows redirects, and caches under the address it was asked for", async () => {
  handlers = [(_, response) => response.writeHead(302, { ...OPEN, location: "/elsewhere" }).end(), whole];
  assert.deepEqual(Buffer.from((await page.call("fetched", file())).bytes), content);
  await page.call("fetched", file(), true);
  assert.deepEqual(requests, ["/a/w.pth", "/elsewhere"]);
});

test("offline, an uncached file is an error and no request", async () => {
  await assert.rejects(page.call("fetched", file(), true), /it is not in the cache, and offline is set/);
  assert.deepEqual(requests, []);
});

test("an abort stops it, and nothing is cached", async () => {
  handlers = [part(20_000, () => {})];
  await assert.rejects(page.call("fetched", file(), false, 10_000), /AbortError/);
  assert.deepEqual(await page.call("cached"), []);
});
