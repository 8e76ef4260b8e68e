import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate, MemoryMap, type Pack, writePlan } from "../engines/wasm-memory.ts";
import { initialise } from "../models/initialise.ts";
import { buildGraph } from "../models/networks.ts";
import { optimise } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import { packConstant, sizeOfConstant } from "../plan/constants.ts";
import { bestIsa, kernelModule } from "./modules.ts";

test("the module packs weights as the plain loops do, whatever the memory held", async () => {
  // Widths that are no multiples of 8, and kernels both smaller and larger than what is packed at a time.
  const graph = buildGraph("mobilenet_v3_small", { alpha: 0.75, inputShape: [64, 64, 3], classes: 1001 });
  const program = optimise({ graph, weights: initialise(graph) });
  const plan = compile(program.graph);
  const map = new MemoryMap(plan, 1);
  const memory = allocate("test", map.bytes, false);
  const { exports } = new WebAssembly.Instance(await kernelModule(bestIsa(), false), { env: { memory } });
  new Float32Array(memory.buffer).fill(Number.NaN, plan.stepsAt / 4);
  writePlan(map, program.weights, memory.buffer, exports.pack as Pack);
  for (const constant of plan.constants) {
    const expected = new Float32Array(sizeOfConstant(constant)).fill(Number.NaN);
    packConstant(constant, program.weights, expected);
    assert.deepEqual(new Float32Array(memory.buffer, constant.at, expected.length), expected);
  }
});
