import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import type { Engine, Executable } from "./engine.ts";
import { reference } from "./reference.ts";
import { wasm } from "./wasm.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A model of about 2 MiB, so that leaks show. */
const padding = { top: 0, bottom: 0, left: 0, right: 0 };
const program = randomProgram(
  graphOf([256, 256, 3], (b) => b.add(zeroPadding2d, "y", [b.input], { padding })),
  1,
);
const input = randomInput(program.graph, 1, 2);

const mebibytes = () => process.memoryUsage.rss() / 2 ** 20;

/** Loads, runs and disposes models one after another; it keeps all of them, as a careless caller may. */
async function cycle(engine: Engine, times: number, kept: Executable[]): Promise<void> {
  for (let i = 0; i < times; i++) {
    const executable = await engine.compile(program);
    await executable.run(input);
    executable.dispose();
    kept.push(executable);
  }
}

/** Expects memory to return to within `bound` of `before`; threads get seconds to end. */
async function assertReturned(t: TestContext, before: number, bound: number): Promise<void> {
  let grown = Infinity;
  for (let tries = 0; tries < 50 && grown > bound; tries++) {
    await sleep(100);
    collectGarbage();
    grown = mebibytes() - before;
  }
  t.diagnostic(`resident memory has grown by ${grown.toFixed(0)} MiB`);
  assert.ok(grown <= bound);
}

for (const [name, engine] of Object.entries({ reference, wasm: wasm({ threads: 1 }) })) {
  test(`${name}: 300 models loaded, run and disposed never hold much memory`, async (t) => {
    const kept: Executable[] = [];
    await cycle(engine, 50, kept);
    const before = mebibytes();
    let most = 0;
    for (let i = 0; i < 10; i++) {
      await cycle(engine, 25, kept);
      most = Math.max(most, mebibytes() - before);
    }
    t.diagnostic(`resident memory grew by at most ${most.toFixed(0)} MiB`);
    assert.ok(most < 100);
    await assertReturned(t, before, 60);
    assert.equal(kept.length, 300);
  });
}

test("wasm on 2 threads: 300 models hold the memory of one, and none once the threads have ended", async (t) => {
  const kept: Executable[] = [];
  const engine = wasm({ threads: 2 });
  await cycle(engine, 10, kept);
  const before = mebibytes();
  await cycle(engine, 290, kept);
  // 290 memories of 2 MiB each would be 580.
  const grown = mebibytes() - before;
  t.diagnostic(`resident memory grew by ${grown.toFixed(0)} MiB meanwhile`);
  assert.ok(grown < 100);
  await assertReturned(t, before, 60);
  assert.equal(kept.length, 300);
});
