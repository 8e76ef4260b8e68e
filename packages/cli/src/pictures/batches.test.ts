import assert from "node:assert/strict";
import { test } from "node:test";
import { batches } from "./batches.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { BadPicture, OpenedPicture } from "./open.ts";

const bad = (path: string): BadPicture => ({ path, error: { name: "ImageError", message: "no picture" } });

function good(path: string, bytes = 3): OpenedPicture {
  return { path, sha256: "", picture: { data: new Uint8Array(bytes), width: bytes / 3, height: 1, channels: 3 } };
}

async function pathsOf(items: (OpenedPicture | BadPicture)[], size: number): Promise<string[][]> {
  async function* source() {
    for (const item of items) yield { item, share: new MemoryBudget(0).open() };
  }
  const all: string[][] = [];
  for await (const batch of batches(source(), size)) all.push(batch.map(({ item }) => item.path));
  return all;
}

test("items keep their order; the last batch may be short", async () => {
  const items = [good("a"), bad("b"), good("c"), good("d"), bad("e")];
  assert.deepEqual(await pathsOf(items, 2), [["a", "b"], ["c", "d"], ["e"]]);
  assert.deepEqual(await pathsOf([], 2), []);
});

test("large pictures make small batches", async () => {
  const large = 48e6;
  assert.deepEqual(await pathsOf([good("a", large), good("b", large), good("c"), good("d")], 8), [
    ["a", "b"],
    ["c", "d"],
  ]);
});
