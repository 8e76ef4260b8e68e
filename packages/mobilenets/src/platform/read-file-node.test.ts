import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fetchBytes } from "./fetch-bytes.ts";
import { ReadError } from "./platform.ts";
import { isMachineFailure, readRegularFile } from "./read-file-node.ts";

let dir: string;
const at = (name: string) => join(dir, name);
const fails = (pattern: RegExp) => (error: unknown) => error instanceof ReadError && pattern.test(error.message);

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "mobilenets-read-"));
});
after(() => rm(dir, { recursive: true }));

test("a file of any size is read whole, one behind a link too", async () => {
  for (const size of [0, 1, 65536, 200_001]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
    await writeFile(at("file"), bytes);
    assert.deepEqual(await readRegularFile(at("file")), bytes);
  }
  await symlink(at("file"), at("link"));
  assert.equal((await readRegularFile(at("link"))).length, 200_001);
});

test("what has content but no size is read as well", async () => {
  assert.match(new TextDecoder().decode(await readRegularFile("/proc/self/status")), /^Name:/);
});

test("only regular files are read: no folder, device, pipe or socket, be it behind a link", async () => {
  await symlink("/dev/zero", at("zero"));
  execFileSync("mkfifo", [at("pipe")]);
  const socket = createSocket().listen(at("socket"));
  await assert.rejects(readRegularFile(dir), fails(/a folder, expected a regular file/));
  await assert.rejects(readRegularFile(at("zero")), fails(/zero: a device, expected a regular file/));
  await assert.rejects(readRegularFile(at("pipe")), fails(/a named pipe \(FIFO\), expected a regular file/));
  await assert.rejects(readRegularFile(at("socket")), fails(/a socket, expected a regular file/));
  await assert.rejects(readRegularFile(at("none")), fails(/no such file/));
  socket.close();
});

test("a file longer than the limit is refused before it is read", async () => {
  await writeFile(at("long"), new Uint8Array(1001));
  await assert.rejects(
    readRegularFile(at("long"), { maxBytes: 1000 }),
    fails(/more bytes than expected, expected at most 1000: .*maxBytes/),
  );
  assert.equal((await readRegularFile(at("long"), { maxBytes: 1001 })).length, 1001);
});

test("what the machine fails at is told from what is wrong with the file", async () => {
  const failure = (code: string) => Object.assign(new Error(code), { code });
  for (const code of ["EMFILE", "ENFILE", "ENOMEM", "EIO"]) {
    assert.ok(isMachineFailure(failure(code)));
    assert.ok(isMachineFailure(new ReadError({ where: "a", found: code }, { cause: failure(code) })));
  }
  for (const code of ["ENOENT", "EACCES"]) assert.ok(!isMachineFailure(failure(code)));
  await readRegularFile(at("none")).catch((error) => assert.ok(!isMachineFailure(error)));
});

test("an answer is limited in bytes as they are unpacked, and in time", async () => {
  const answers: Record<string, RequestListener> = {
    "/bomb": (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(new Uint8Array(3e7)));
    },
    "/endless": (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(new Uint8Array(65536)));
      };
      response.on("drain", more);
      more();
    },
    "/silent": (_, response) => void response.writeHead(200).write("a"),
    "/mute": () => {},
    "/claims": (_, response) => void response.writeHead(200, { "content-length": 1e12 }).write("a"),
  };
  const server = createServer((request, response) => answers[request.url as string](request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const maxBytes = 1e6;
    for (const path of ["/bomb", "/endless"]) {
      await assert.rejects(fetchBytes(origin + path, { maxBytes }), fails(/at most 1000000: .*maxBytes/), path);
    }
    await assert.rejects(fetchBytes(`${origin}/claims`), fails(/more bytes than expected/));
    for (const path of ["/silent", "/mute"]) {
      await assert.rejects(
        fetchBytes(origin + path, { idleTimeout: 100 }),
        fails(/no byte for 0.1 sec.*idleTimeout/),
        path,
      );
    }
    await assert.rejects(fetchBytes(`${origin}/endless`, { timeout: 100, maxBytes: Infinity }), fails(/no end within/));
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
