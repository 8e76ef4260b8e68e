import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { infer } from "./infer.ts";
import { limitsOf } from "./limits.ts";
import { isBad } from "./open.ts";

test("values come with the sizes of their pictures, bad ones keep their place", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "infer-"));
  t.after(() => rm(dir, { recursive: true }));
  const paths = ["a.png", "none.png", "b.png"].map((name) => join(dir, name));
  for (const [path, width] of [
    [paths[0], 3],
    [paths[2], 5],
  ] as const) {
    await sharp({ create: { width, height: 2, channels: 3, background: "red" } }).toFile(path);
  }
  const found: unknown[] = [];
  for await (const batch of infer(paths, async (pictures) => pictures.map(({ width }) => 10 * width), 2)) {
    found.push(...batch.map((item) => (isBad(item) ? "bad" : [item.width, item.height, item.value])));
  }
  assert.deepEqual(found, [[3, 2, 30], "bad", [5, 2, 50]]);
});

test("who stops early does not wait for downloads begun ahead", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asked = once(server, "request");
  const paths = ["missing.png", `http://127.0.0.1:${port}/silent`];
  const limits = { ...limitsOf({ allowPrivate: true }), timeout: 3_600_000, idleTimeout: 3_600_000 };
  const batches = infer(paths, async (pictures) => pictures.map(() => 0), 1, limits);
  await batches.next();
  const [request] = await asked;
  // The server sees the end of the connection as an error.
  const closed = new Promise((resolve) => request.on("error", () => {}).on("close", resolve));
  await batches.return();
  await closed;
});
