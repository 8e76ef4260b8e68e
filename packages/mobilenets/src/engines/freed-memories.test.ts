import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, depthwise, graphOf } from "../../../../test/support/graph-of.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { freedOrNew, offerMemory } from "./freed-memories.ts";
import { wasm } from "./wasm.ts";

/** More than any other test's model has: other tests of this process leave memories too. */
const MANY = 2000;
const PAGE = 65536;
const memoryOf = (pages: number) => new WebAssembly.Memory({ initial: pages, maximum: pages });
const fresh = memoryOf(1);
const freedOrFresh = (bytes: number) => freedOrNew(bytes, () => fresh);

test("a memory is handed on once, to who needs about as much", async () => {
  const memory = memoryOf(MANY);
  offerMemory(memory);
  assert.equal(await freedOrFresh((MANY + 1) * PAGE), fresh);
  assert.equal(await freedOrFresh(0.4 * MANY * PAGE), fresh);
  assert.equal(await freedOrFresh(MANY * PAGE), memory);
  assert.equal(await freedOrFresh(MANY * PAGE), fresh);
});

test("of several, one that fits", async () => {
  const memories = [memoryOf(MANY), memoryOf(9 * MANY), memoryOf(3 * MANY)];
  for (const memory of memories) offerMemory(memory);
  assert.equal(await freedOrFresh(2.5 * MANY * PAGE), memories[2]);
  assert.equal(await freedOrFresh(MANY * PAGE), memories[0]);
  assert.equal(await freedOrFresh(8 * MANY * PAGE), memories[1]);
});

test("where there is no room, it tries again once disposed memories may have gone", async () => {
  let tries = 0;
  const later = () => {
    if (++tries === 1) throw new RangeError("no room");
    return fresh;
  };
  assert.equal(await freedOrNew(MANY * PAGE, later), fresh);
  const never = () => {
    throw new RangeError("no room");
  };
  await assert.rejects(freedOrNew(MANY * PAGE, never), /no room/);
});

test("in the memory of a larger model, a model gives the same bits", async (t) => {
  const program = (size: number, seed: number) =>
    randomProgram(
      graphOf([size, size, 3], (b) => {
        const norm = (x: string, name: string) => b.add(batchNormalization, name, [x], batchNorm);
        const x = norm(b.add(conv2d, "first", [b.input], conv(10, { kernelSize: [3, 3], strides: [2, 2] })), "n1");
        const y = norm(b.add(depthwiseConv2d, "dw", [x], depthwise()), "n2");
        return norm(b.add(conv2d, "last", [y], conv(21)), "n3");
      }),
      seed,
    );
  const engine = wasm({ threads: 1 });
  const small = program(60, 1);
  const input = randomInput(small.graph, 1, 2);
  const run = async () => {
    const executable = await engine.compile(small);
    const [{ data }] = await executable.run(input);
    return { executable, data };
  };
  const before = await run();

  const large = program(64, 3);
  const other = await engine.compile(large);
  await other.run({ ...randomInput(large.graph, 1, 4), data: randomInput(large.graph, 1, 4).data.fill(Number.NaN) });
  other.dispose();
  const { mock } = t.mock.method(WebAssembly, "Memory");
  assert.deepEqual((await run()).data, before.data);
  assert.equal(mock.callCount(), 0, "it made no memory of its own");
  before.executable.dispose();
});
