import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { temporaryFolder } from "./folder.ts";
import { writeDifficult } from "./pictures.ts";
import { jsonLines, mobilenets, type Outcome, outcome, start, tiny } from "./run.ts";
import { writeShapes } from "./shapes.ts";
import { readStore } from "./store-files.ts";

const dir = await temporaryFolder();
await writeDifficult(join(dir, "photos"));
const good = join(dir, "photos", "good.jpg");
const embedding = async (...args: string[]) => {
  const { stdout } = await mobilenets(["embed", ...args, ...tiny, "--json"]);
  return jsonLines(stdout)[0] as { path: string; embedding: number[] };
};
const expected = (await embedding(good)).embedding;

const server = createServer(async ({ url }, response) => {
  if (url === "/good") response.end(await readFile(good));
  else if (url === "/moved") response.writeHead(302, { location: "/good" }).end();
  else if (url === "/page") response.end("<!doctype html><p>A page about a cat");
  else if (url === "/endless")
    while (!response.destroyed) await new Promise((r) => response.write(Buffer.alloc(1e6), r));
  else response.writeHead(404).end();
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.close();
  server.closeAllConnections();
});

/** With something on standard input. */
async function piped(args: readonly string[], input: NodeJS.ReadableStream | Uint8Array): Promise<Outcome> {
  const child = start(args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = outcome(child);
  // It may stop reading before we have written all.
  child.stdin!.on("error", () => {});
  if (input instanceof Uint8Array) child.stdin!.end(input);
  else input.pipe(child.stdin!);
  return ended;
}

test("- is standard input, and is called that", async () => {
  const { code, stdout, stderr } = await piped(["embed", "-", ...tiny, "--json"], await readFile(good));
  assert.equal(code, 0, stderr);
  assert.deepEqual(jsonLines(stdout), [{ path: "-", embedding: expected }]);
  const text = await piped(["classify", "-", good, ...tiny, "--top", "1"], await readFile(good));
  assert.match(text.stdout, /^-\n {2}0\.\d{4} {2}\S.*\n\S+good\.jpg\n {2}0\.\d{4} /);
});

test("standard input has a limit, and what is no picture a line", async () => {
  const endless = createReadStream("/dev/zero");
  const { code, stdout, stderr } = await piped(["embed", "-", good, ...tiny, "--json", "--max-mb", "3"], endless);
  endless.destroy();
  assert.equal(code, 1);
  assert.match(stderr, /error: -: more bytes, expected at most 3 MB: --max-mb raises the limit/);
  const [bad, fine] = jsonLines(stdout) as { path: string; error?: { name: string } }[];
  assert.deepEqual([bad.path, bad.error?.name, fine.path], ["-", "ImageError", good]);
  const empty = await piped(["embed", "-", ...tiny], new Uint8Array());
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /error: -: an empty file, expected JPEG/);
});

test("- twice is bad usage, and for extract it is a list, told before a model is loaded", async () => {
  const twice = await mobilenets(["classify", "-", "-", ...tiny]);
  assert.deepEqual([twice.code, twice.stdout], [2, ""]);
  assert.match(twice.stderr, /^error: -: 2 times, expected once/);
  const extract = ["extract", "-", "--out", join(dir, "out"), ...tiny];
  const picture = await piped(extract, await readFile(good));
  assert.deepEqual([picture.code, picture.stdout], [2, ""]);
  assert.match(picture.stderr, /^error: -: no text on standard input, expected a list of pictures, one a line/);
  const empty = await piped(extract, new Uint8Array());
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /^error: -: no pictures/);
});

test("an address gives what the file behind it gives, also after a redirect", async () => {
  const args = [`${base}/good`, `${base}/moved`, "--allow-private"];
  const { code, stdout, stderr } = await mobilenets(["embed", ...args, ...tiny, "--json"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(jsonLines(stdout), [
    { path: `${base}/good`, embedding: expected },
    { path: `${base}/moved`, embedding: expected },
  ]);
});

test("an address that gives no picture has a line, the others their results", async () => {
  const urls = ["/page", "/missing", "/endless", "/good"].map((path) => base + path);
  const limits = ["--allow-private", "--max-mb", "2"];
  const { code, stdout, stderr } = await mobilenets(["embed", ...urls, ...tiny, ...limits, "--json"]);
  assert.equal(code, 1);
  assert.match(stderr, /\/page: content of an unknown format, expected JPEG/);
  assert.match(stderr, /\/missing: HTTP status 404 Not Found/);
  assert.match(stderr, /\/endless: more bytes, expected at most 2 MB/);
  const lines = jsonLines(stdout) as { path: string; embedding?: number[] }[];
  assert.deepEqual(
    lines.map(({ path, embedding: found }) => [path, found !== undefined]),
    urls.map((url) => [url, url.endsWith("/good")]),
  );
});

test("inner addresses are asked only where that is allowed", async () => {
  const { code, stderr } = await mobilenets(["embed", `${base}/good`, ...tiny]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /leads to 127\.0\.0\.1 \(loopback\), expected an address of the public internet: --allow-private/,
  );
});

test("folders and globs are searched, a file comes as often as it is named, none is an error", async () => {
  await mkdir(join(dir, "empty"));
  const inputs = [
    join(dir, "photos", "*od.jpg"),
    good,
    join(dir, "photos"),
    join(dir, "empty"),
    join(dir, "none*.jpg"),
  ];
  const { code, stdout, stderr } = await mobilenets(["classify", ...inputs, ...tiny, "--top", "1", "--json"]);
  assert.equal(code, 1);
  const names = jsonLines(stdout).map((line) => (line as { path: string }).path.replace(`${dir}/`, ""));
  const all = [
    "cmyk.jpg",
    "depth16.png",
    "good.jpg",
    "huge.png",
    "one.png",
    "rotated.jpg",
    "text.jpg",
    "truncated.jpg",
  ];
  const expectedNames = ["photos/good.jpg", "photos/good.jpg", ...all.map((name) => `photos/${name}`)];
  assert.deepEqual(names, [...expectedNames, "empty", "none*.jpg"]);
  assert.match(stderr, /error: \S+empty: a folder without pictures/);
  assert.match(stderr, /error: \S+none\*\.jpg: no such file/);
});

test("pipes and devices have a line that says what they are, in extract and in folders too", async () => {
  const odd = join(dir, "odd");
  await mkdir(odd);
  execFileSync("mkfifo", [join(odd, "pipe.jpg")]);
  await symlink("/dev/zero", join(odd, "zero.jpg"));
  await writeFile(join(odd, "good.jpg"), await readFile(good));
  const { code, stderr } = await mobilenets(["embed", join(odd, "pipe.jpg"), join(odd, "zero.jpg"), ...tiny]);
  assert.equal(code, 1);
  assert.match(stderr, /pipe\.jpg: a named pipe \(FIFO\), expected a regular file/);
  assert.match(stderr, /zero\.jpg: a device, expected a regular file/);
  const out = join(dir, "odd-out");
  const inputs = [odd, join(odd, "pipe.jpg"), `${base}/good`];
  const extracted = await mobilenets(["extract", ...inputs, "--out", out, ...tiny, "--allow-private"]);
  assert.equal(extracted.code, 0, extracted.stderr);
  const { items, rows } = await readStore(out);
  assert.equal(rows, 2);
  const errorOf = (path: string) => items.find((item) => item.path === path)?.error?.message ?? "";
  assert.match(errorOf(join(odd, "pipe.jpg")), /a named pipe/);
  assert.match(errorOf(join(odd, "zero.jpg")), /a device/);
  const [file, url] = [join(odd, "good.jpg"), `${base}/good`].map((path) => items.find((item) => item.path === path));
  assert.deepEqual([url?.sha256, url?.width, url?.height], [file?.sha256, file?.width, file?.height]);
});

test("pictures with classes are regular files too", async () => {
  const data = join(dir, "data");
  await writeShapes(data, 4);
  await symlink("/dev/zero", join(data, "circle", "zero.png"));
  for (const workers of ["0", "1"]) {
    const args = ["evaluate", data, ...tiny, "--classes", "2", "--workers", workers, "--json"];
    const { code, stdout, stderr } = await mobilenets(args);
    assert.equal(code, 0, stderr);
    const { examples, skipped } = JSON.parse(stdout);
    assert.deepEqual([examples, skipped], [8, 1]);
    assert.match(stderr, /left out: .*zero\.png: a device, expected a regular file/);
  }
});
