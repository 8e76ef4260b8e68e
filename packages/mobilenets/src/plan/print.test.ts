import assert from "node:assert/strict";
import { test } from "node:test";
import { initialise } from "../models/initialise.ts";
import { buildGraph } from "../models/networks.ts";
import { optimise } from "../passes/optimise.ts";
import { compile } from "./compile.ts";
import { printPlan } from "./print.ts";

test("prints every step with its layer, kernel and arguments", () => {
  const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3] });
  const plan = compile(optimise({ graph, weights: initialise(graph) }).graph, 2);
  const lines = printPlan(plan).split("\n");
  assert.equal(lines.length, 3 + plan.steps.length + 1);
  assert.match(lines[0], /^mobilenet_v1: \d+ steps for 2 threads, \d+ bytes$/);
  const gemm = lines.find((line) => line.startsWith("conv_pw_1 ") && line.includes("f32-gemm"));
  assert.match(gemm ?? "", / kh=1 k4=2 k1=0 .* width=16 m=256 /);
  assert.match(gemm ?? "", / [1-8]x /);
});
