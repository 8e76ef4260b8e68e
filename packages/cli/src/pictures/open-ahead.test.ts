import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { limitsOf } from "./limits.ts";
import { MachineError } from "./machine-error.ts";
import { isBad } from "./open.ts";
import { openAhead } from "./open-ahead.ts";

let dir: string;
const at = (name: string) => join(dir, name);

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "open-ahead-"));
  for (const [name, side] of [
    ["small", 10],
    ["large", 1000],
  ] as const) {
    const create = { width: side, height: side, channels: 3, background: "teal" } as const;
    await sharp({ create })
      .png()
      .toFile(at(`${name}.png`));
  }
  await writeFile(at("text.png"), "no picture");
});
after(() => rm(dir, { recursive: true }));

test("pictures come in order, whatever their sizes, and no more are held than memory allows", async () => {
  // Each has 3 MB, so two fit and three do not.
  const limits = { ...limitsOf(), memoryBytes: 7e6 };
  const paths = Array.from({ length: 40 }, (_, i) => at(i % 3 === 0 ? "small.png" : "large.png"));
  const seen: string[] = [];
  let most = 0;
  const held: { bytes: number }[] = [];
  for await (const { item, share } of openAhead(paths, 32, limits)) {
    assert.ok(!isBad(item));
    seen.push(item.path);
    held.push({ bytes: item.picture.data.length });
    most = Math.max(
      most,
      held.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    // A batch takes time too.
    await new Promise((resolve) => setTimeout(resolve, 1));
    share.close();
    held.pop();
  }
  assert.deepEqual(seen, paths);
  assert.ok(most <= 3e6);
});

test("one picture larger than all memory goes on alone", async () => {
  const limits = { ...limitsOf(), memoryBytes: 1000 };
  const seen: number[] = [];
  for await (const { item, share } of openAhead([at("large.png"), at("small.png"), at("large.png")], 2, limits)) {
    if (!isBad(item)) seen.push(item.picture.width);
    share.close();
  }
  assert.deepEqual(seen, [1000, 10, 1000]);
});

test("a file that cannot be read is one line; a hundred in a row are the machine", async () => {
  const missing = (count: number) => Array.from({ length: count }, (_, i) => at(`missing-${i}.png`));
  const count = async (paths: string[]) => {
    let bad = 0;
    for await (const { item } of openAhead(paths, 8, limitsOf())) if (isBad(item)) bad++;
    return bad;
  };
  assert.equal(await count([...missing(99), at("small.png"), ...missing(99)]), 198);
  // Files that can be read but not decoded do not count.
  assert.equal(await count(Array(150).fill(at("text.png"))), 150);
  await assert.rejects(
    count([at("small.png"), ...missing(100)]),
    (error) =>
      error instanceof MachineError && /missing-0.* to .*missing-99.*: 100 pictures in a row/.test(error.message),
  );
});
