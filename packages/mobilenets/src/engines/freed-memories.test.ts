import assert from "node:assert/strict";
import { test } from "node:test";
import { offerMemory, reuseMemory } from "./freed-memories.ts";

const PAGE = 65536;
const memoryOf = (pages: number) => new WebAssembly.Memory({ initial: pages, maximum: pages });

test("a memory is handed on once, to who needs about as much", () => {
  const memory = memoryOf(100);
  offerMemory(memory);
  assert.equal(reuseMemory(101 * PAGE), undefined);
  assert.equal(reuseMemory(40 * PAGE), undefined);
  assert.equal(reuseMemory(100 * PAGE), memory);
  assert.equal(reuseMemory(100 * PAGE), undefined);
});

test("of several, one that fits", () => {
  const memories = [memoryOf(10), memoryOf(300), memoryOf(90)];
  for (const memory of memories) offerMemory(memory);
  assert.equal(reuseMemory(80 * PAGE), memories[2]);
  assert.equal(reuseMemory(10 * PAGE), memories[0]);
  assert.equal(reuseMemory(200 * PAGE), memories[1]);
});
