import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, graphOf } from "../../../../test/support/graph-of.ts";
import { allocate } from "../engines/allocate.ts";
import { MemoryMap } from "../engines/memory-map.ts";
import type { Pack } from "../engines/pack-by-module.ts";
import { writePlan } from "../engines/write-plan.ts";
import type { Graph } from "../graph/graph.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { initialise } from "../models/initialise.ts";
import { buildGraph } from "../models/networks.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import { bytesOfConstant, packConstant } from "../plan/constants.ts";
import { coreKernels } from "./kernel-table.ts";
import { bestIsa, kernelModule } from "./modules.ts";
import { KERNEL_BITS } from "./signatures.ts";

async function packed(graph: Graph, workers: number) {
  const weights = initialise(graph);
  // Scales outside float32's precision.
  for (const [name, { data }] of Object.entries(weights))
    if (/variance/.test(name)) data.set(data.map((_, i) => 1 + i));
  const program = optimiseForPacking({ graph, weights });
  const map = new MemoryMap(compile(program.graph), workers);
  const memory = allocate("test", map.bytes, false);
  const { exports } = new WebAssembly.Instance(await kernelModule(bestIsa(), false), { env: { memory } });
  new Float32Array(memory.buffer).fill(Number.NaN, map.plan.stepsAt / 4);
  writePlan(map, program.weights, memory.buffer, exports.pack as Pack);
  return { map, memory, weights: program.weights };
}

test("the module packs weights as the plain loops do, whatever the memory held", async () => {
  // Widths that are no multiples of 8, and kernels both smaller and larger than one packing block.
  const graph = buildGraph("mobilenet_v3_small", { alpha: 0.75, inputShape: [64, 64, 3], classes: 1001 });
  const { map, memory, weights } = await packed(graph, 1);
  for (const constant of map.plan.constants) {
    const expected = new Float32Array(bytesOfConstant(constant) / 4).fill(Number.NaN);
    packConstant(constant, weights, new Uint8Array(expected.buffer));
    assert.deepEqual(new Float32Array(memory.buffer, constant.at, expected.length), expected);
  }
});

test("packing spares the step lists even where it needs more room than the arena has", async () => {
  const graph = graphOf([1, 1, 1], (b) =>
    b.add(batchNormalization, "norm", [b.add(conv2d, "conv", [b.input], conv(512))], batchNorm),
  );
  const { map, memory } = await packed(graph, 2);
  const [step] = map.plan.steps;
  for (let i = 0; i < 2; i++) {
    const word = new DataView(memory.buffer).getInt32(map.stepsAt(i), true);
    assert.equal(word & ((1 << KERNEL_BITS) - 1), coreKernels.numberOf(step.kernel));
  }
});
