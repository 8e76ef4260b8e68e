import assert from "node:assert/strict";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { linesOf } from "./lines.ts";

const dir = await mkdtemp(join(tmpdir(), "mobilenets-lines-"));
after(() => rm(dir, { recursive: true }));

async function read(text: string): Promise<[text: string, whole: boolean][]> {
  const path = join(dir, "lines");
  await writeFile(path, text);
  const file = await open(path);
  const lines: [string, boolean][] = [];
  for await (const { bytes, whole } of linesOf(file)) lines.push([bytes.toString(), whole]);
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

test("a line without an end is not read for ever", async () => {
  const [[line, whole], ...others] = await read("x".repeat(5e6));
  assert.deepEqual([whole, others], [false, []]);
  assert.ok(line.length < 1.2e6);
});
