import assert from "node:assert/strict";
import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openFeatureFolder } from "../similar/feature-folder.ts";
import { linesOf } from "./lines.ts";
import { FeatureStore } from "./store.ts";

const dir = await mkdtemp(join(tmpdir(), "mobilenets-lines-"));
after(() => rm(dir, { recursive: true }));

async function read(text: string): Promise<[text: string, whole: boolean][]> {
  const path = join(dir, "lines");
  await writeFile(path, text);
  const file = await open(path);
  const lines: [string, boolean][] = [];
  for await (const { bytes, whole } of linesOf(file, "items.jsonl")) lines.push([bytes.toString(), whole]);
  await file.close();
  return lines;
}

test("lines, wherever the pieces they are read in end", async () => {
  for (const length of [1, 65534, 65535, 65536, 200_000]) {
    const line = "é".repeat(length);
    assert.deepEqual(await read(`${line}\n\n${line}\nrest`), [
      [line, true],
      ["", true],
      [line, true],
      ["rest", false],
    ]);
  }
  assert.deepEqual(await read(""), []);
});

test("a line without an end is refused after a megabyte of it; the zeros of a crash are its end", async () => {
  await assert.rejects(read(`a\nb\n${"x".repeat(5e6)}\nc\n`), {
    name: "ReadError",
    message:
      /^items\.jsonl, line 3: a line of more than 1 MB, expected a picture's path.*: cut the file off before that/,
  });
  const [, [line, whole], ...others] = await read(`a\n${"\0".repeat(5e6)}`);
  assert.deepEqual([whole, others], [false, []]);
  assert.ok(line.length < 1.2e6);
});

test("200 MB in one line take no memory, for `extract` and for who reads its folder", async () => {
  const folder = await mkdtemp(join(dir, "long-"));
  const store = await FeatureStore.open(folder, ["a.jpg"], 1);
  await store.close();
  const path = join(folder, "items.jsonl");
  const chunk = Buffer.alloc(1e6, "x");
  for (let i = 0; i < 200; i++) await writeFile(path, chunk, { flag: "a" });
  const { size } = await stat(path);
  assert.equal(size, 200e6);
  const before = process.memoryUsage().rss;
  const message = /items\.jsonl, line 1: a line of more than 1 MB/;
  await assert.rejects(FeatureStore.open(folder, ["a.jpg"], 1), { name: "ReadError", message });
  await assert.rejects(openFeatureFolder(folder), { name: "ReadError", message });
  assert.ok(process.memoryUsage().rss - before < 100e6);
  assert.equal((await stat(path)).size, size, "nothing is cut off");
});
