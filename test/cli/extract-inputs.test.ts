import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { create } from "tar";
import { openStore } from "../../packages/cli/src/store/read-store.ts";
import { temporaryFolder } from "./folder.ts";
import { vectorsOf } from "./parts.ts";
import { writeMany } from "./pictures.ts";
import { mobilenets, outcome, start, tiny } from "./run.ts";

const root = await temporaryFolder();
const photos = join(root, "photos");
await writeMany(photos, 12);
const names = Array.from({ length: 12 }, (_, i) => `${String(i).padStart(5, "0")}.png`);
const flags = ["--quiet", "--format", "parquet", "--full-decode", ...tiny];
await mobilenets(["extract", photos, "--out", join(root, "photos-store"), ...flags]);
const expected = byName(await vectorsOf(join(root, "photos-store")));

for (const [file, gzip] of [
  ["s-0.tar", false],
  ["s-1.tgz", true],
] as const) {
  await create({ cwd: photos, file: join(root, file), gzip }, names);
}
let isServing = false;
const server = createServer(async (request, response) => {
  const path = request.url ?? "";
  const file =
    path.startsWith("/photos/") && !isServing ? undefined : await readFile(join(root, path)).catch(() => undefined);
  response.writeHead(file ? 200 : 404).end(file);
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function byName(vectors: Readonly<Record<string, Float32Array>>) {
  return Object.fromEntries(Object.entries(vectors).map(([id, vector]) => [basename(id), vector]));
}

async function extracted(inputs: readonly string[], out: string, ...more: string[]) {
  const run = await mobilenets(["extract", ...inputs, "--out", join(root, out), ...flags, ...more]);
  assert.equal(run.code, 0, run.stderr);
  return vectorsOf(join(root, out));
}

test("archives: local, packed, and behind addresses, which are fetched only if they may be", async () => {
  for (const input of ["s-0.tar", "s-1.tgz"]) {
    const local = await extracted([join(root, input)], `local-${input}`);
    assert.deepEqual(byName(local), expected, input);
    assert.ok(Object.keys(local).every((id) => id.startsWith(`${join(root, input)}/`)));
    const remote = await extracted([`${host}/${input}`], `remote-${input}`, "--allow-private");
    assert.deepEqual(byName(remote), expected, input);
  }
  const row = await extracted([`${host}/s-{0..1}.tar`], "row", "--allow-private");
  assert.deepEqual(byName(row), expected);
  const again = await mobilenets(["extract", `${host}/s-{0..1}.tar`, "--out", join(root, "row"), ...flags]);
  assert.match(again.stderr, /2 of 13 pictures failed/);
  assert.match(again.stderr, /already finished/);
  const inner = await mobilenets(["extract", `${host}/s-0.tar`, "--out", join(root, "inner"), ...flags]);
  assert.equal(inner.code, 1);
  assert.match(inner.stderr, /1 of 1 pictures failed/);
});

test("a packed archive that has changed is read again; one that is gone loses no rows", async () => {
  const file = join(root, "changing.tgz");
  const computed = async () => {
    const run = await mobilenets(["extract", file, "--out", join(root, "changing"), "--json", ...flags]);
    return run.code === 0 ? (JSON.parse(run.stdout).computed as number) : run.stderr;
  };
  for (const some of [names.slice(1, 3), names.slice(3, 6)]) {
    await create({ cwd: photos, file, gzip: true }, some);
    assert.equal(await computed(), some.length);
    assert.equal(await computed(), 0);
    assert.deepEqual(
      Object.keys(byName(await vectorsOf(join(root, "changing")))),
      some.filter((name) => expected[name]),
    );
  }
  await rm(file);
  assert.match(String(await computed()), /changing\.tgz: no such file, expected a tar archive/);
});

test("archives that are not read are named, not taken for pictures or left out without a word", async () => {
  await mkdir(join(root, "shards"));
  await copyFile(join(root, "s-0.tar"), join(root, "shards", "0.tar"));
  const folder = await mobilenets(["extract", join(root, "shards"), "--out", join(root, "left"), ...flags]);
  assert.equal(folder.code, 1);
  assert.match(folder.stderr, /1 file of other formats left out: \.tar \(1\); archives are read if you name them/);
  const zip = await mobilenets(["extract", photos, "a.zip", "--out", join(root, "left"), ...flags]);
  assert.equal(zip.code, 2);
  assert.match(zip.stderr, /a\.zip: an archive of another kind, expected \.tar, \.tar\.gz or \.tar\.zst: unpack it/);
  const zlib = process.getBuiltinModule?.("node:zlib") as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array };
  const packed = zlib?.zstdCompressSync?.(await readFile(join(root, "s-0.tar"))) ?? new Uint8Array();
  await writeFile(join(root, "s-2.tar.zst"), packed);
  if (packed.length > 0) {
    assert.deepEqual(byName(await extracted([join(root, "s-2.tar.zst")], "zstd")), expected);
  } else {
    const old = await mobilenets(["extract", join(root, "s-2.tar.zst"), "--out", join(root, "zstd"), ...flags]);
    assert.match(old.stderr, /Node 22\.15 or later reads it/);
  }
});

test("lists with ids of their own, tables, and standard input", async () => {
  const lines = names.map((name, i) =>
    JSON.stringify(i % 2 ? { id: i, path: `photos/${name}` } : { id: i, url: `${host}/photos/${name}` }),
  );
  await writeFile(join(root, "all.jsonl"), lines.join("\n"));
  const list = join(root, "all.jsonl");
  const some = await extracted([list], "lines", "--allow-private");
  assert.deepEqual(Object.keys(some).map(Number), [1, 3, 5, 9, 11]);
  assert.deepEqual(some["3"], expected[names[3]]);
  isServing = true;
  const again = await extracted([list], "lines", "--allow-private");
  assert.equal(Object.keys(again).length, 5, "what failed behind an address stays as it is until it is asked for");
  const retried = await extracted([list], "lines", "--allow-private", "--retry-failed");
  assert.deepEqual(Object.keys(retried).length, Object.keys(expected).length);
  await writeFile(
    join(root, "all.csv"),
    ["label,path,id", ...names.map((name, i) => `x,photos/${name},${i}`)].join("\n"),
  );
  assert.deepEqual(await extracted([join(root, "all.csv")], "table"), retried);

  const child = start(["extract", "-", "--out", join(root, "stdin"), ...flags], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin!.end(names.map((name) => join(photos, name)).join("\n"));
  const { code, stderr } = await outcome(child);
  assert.equal(code, 0, stderr);
  assert.deepEqual(byName(await vectorsOf(join(root, "stdin"))), expected);
});

test("an id that gets another picture is computed anew, and one for two pictures is refused", async () => {
  isServing = true;
  const store = join(root, "ids");
  const rowsOf = async (...pictures: readonly string[]) => {
    const lines = pictures.map((path, id) => JSON.stringify({ id, path }));
    await writeFile(join(root, "ids.jsonl"), lines.join("\n"));
    return extracted([join(root, "ids.jsonl")], "ids", "--allow-private");
  };
  const [a, b] = [names[1], names[3]];
  await rowsOf(`photos/${a}`, `${host}/photos/${a}`);
  const changed = await rowsOf(`photos/${b}`, `${host}/photos/${b}`);
  assert.deepEqual(Object.values(changed), [expected[b], expected[b]]);
  await copyFile(join(photos, b), join(root, "moved.png"));
  const moved = await rowsOf("moved.png", `${host}/photos/${b}`);
  assert.deepEqual(moved, changed);
  const paths = await openStore(store);
  assert.deepEqual(paths.paths(), [join(root, "moved.png"), `${host}/photos/${b}`]);
  await paths.close();

  await writeFile(join(root, "two.csv"), `id,path\n7,photos/${a}\n7,photos/${b}\n`);
  const two = await mobilenets(["extract", join(root, "two.csv"), "--out", join(root, "two"), ...flags]);
  assert.equal(two.code, 2);
  assert.match(two.stderr, /id "7": two pictures, .*expected an id of its own/);
});

test("lists: packed, behind an address, and with zero bytes", async () => {
  isServing = true;
  await writeFile(join(root, "far.jsonl.gz"), gzipSync(names.map((name) => `"photos/${name}"`).join("\n")));
  assert.deepEqual(byName(await extracted([join(root, "far.jsonl.gz")], "packed")), expected);
  const far = await extracted([`${host}/far.jsonl.gz`], "far", "--allow-private");
  assert.deepEqual(byName(far), expected);

  const child = start(["extract", "-", "--out", join(root, "zero"), ...flags], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin!.end(names.map((name) => `${join(photos, name)}\0`).join(""));
  const { code, stderr } = await outcome(child);
  assert.equal(code, 0, stderr);
  assert.deepEqual(byName(await vectorsOf(join(root, "zero"))), expected);

  await writeFile(join(root, "gone.csv"), "path\ngone/1.jpg\ngone/2.jpg\n");
  const gone = await mobilenets(["extract", join(root, "gone.csv"), "--out", join(root, "gone"), ...flags]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /none of the 2 files exists; the first is .*gone\/1\.jpg/);
});

test("what a list gets wrong is said with its line", async () => {
  await writeFile(join(root, "bad.jsonl"), '{"path": "a.jpg"}\n{"label": 3}\n');
  const { code, stderr } = await mobilenets(["extract", join(root, "bad.jsonl"), "--out", join(root, "bad"), ...flags]);
  assert.equal(code, 2);
  assert.match(stderr, /bad\.jsonl, line 2: no path, expected {"path": "a\.jpg"}/);
  const npy = await mobilenets([
    "extract",
    join(root, "s-0.tar"),
    "--out",
    join(root, "bad"),
    "--format",
    "npy",
    ...tiny,
  ]);
  assert.equal(npy.code, 2);
  assert.match(npy.stderr, /--format npy: a list or an archive, expected files and URLs/);
});
