import assert from "node:assert/strict";
import { test } from "node:test";
import { readMap, writeMap } from "../../packages/mobilenets/src/engines/map-io.ts";
import { MemoryMap } from "../../packages/mobilenets/src/engines/memory-map.ts";
import type { Pack } from "../../packages/mobilenets/src/engines/pack-by-module.ts";
import { writePlan } from "../../packages/mobilenets/src/engines/write-plan.ts";
import { kernelModule } from "../../packages/mobilenets/src/kernels/modules.ts";
import { optimise } from "../../packages/mobilenets/src/passes/optimise.ts";
import { compile } from "../../packages/mobilenets/src/plan/compile.ts";
import { extensionOf } from "../../packages/mobilenets/src/plan/lower.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases.ts";

interface Exports {
  pack: Pack;
  run(steps: number, count: number): void;
}

/** Runs a case by hand in a memory whose arena holds NaN throughout, and returns all outputs' numbers. */
async function runAmongNaN({ graph: given, extension: its }: Case): Promise<Float32Array[]> {
  const { graph, weights } = optimise(randomProgram(given, 1));
  const extension = its ?? (await extensionOf(graph));
  const plan = compile(graph, 1, extension);
  const map = new MemoryMap(plan, 1);
  const pages = Math.ceil(map.bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(await kernelModule("simd", false, plan.module), { env: { memory } });
  const exports = instance.exports as unknown as Exports;
  writePlan(map, weights, memory.buffer, exports.pack, extension?.kernels);
  new Float32Array(memory.buffer, plan.arenaAt, (plan.bytes - plan.arenaAt) / 4).fill(Number.NaN);
  writeMap(plan.input, randomInput(graph, graph.input.shape[0], 2).data, memory.buffer, 0);
  exports.run(plan.stepsAt, plan.steps.length);
  return plan.outputs.map((output) => {
    const values = new Float32Array(output.images * output.height * output.width * output.channels);
    readMap(output, memory.buffer, values, 0);
    return values;
  });
}

for (const [group, list] of Object.entries(cases)) {
  test(`what earlier pictures left in memory reaches no result: ${group}`, async () => {
    const reached: string[] = [];
    for (const c of list) {
      const outputs = await runAmongNaN(c);
      if (!outputs.every((values) => values.every(Number.isFinite))) reached.push(c.name);
    }
    assert.deepEqual(reached, []);
    assert.ok(list.length > 0);
  });
}
