import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../../../../test/support/freeze.ts";
import { conv, graphOf } from "../../../../test/support/graph-of.ts";
import { randomProgram } from "../../../../test/support/random-program.ts";
import { EngineError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { coreKernels } from "../kernels/kernel-table.ts";
import { STEP_BYTES } from "../kernels/signatures.ts";
import { buildGraph, networkNames } from "../models/networks.ts";
import { optimise } from "../passes/optimise.ts";
import type { Address } from "./buffer.ts";
import { compile } from "./compile.ts";
import { bytesOfConstant } from "./constants.ts";
import { wishesOf } from "./frames.ts";
import { bytesOf } from "./layout.ts";
import { coreLowerings, lowerNode } from "./lower.ts";
import { Lowering } from "./lowering.ts";

const small = graphOf([9, 9, 3], (b) => {
  const x = b.add(conv2d, "x", [b.input], conv(8, { kernelSize: [3, 3], strides: [2, 2], padding: "same" }));
  return b.add(conv2d, "y", [x], conv(5, { activation: "relu6", useBias: true }));
});

/** Real plans, optimised, at a size where nothing divides evenly and at the usual one. */
const real: readonly Graph[] = networkNames.flatMap((name) =>
  [224, 97].map((size) => {
    const graph = buildGraph(name, { inputShape: [size, size, 3], alpha: 0.25, classes: 10 });
    return optimise(randomProgram(graph, 1)).graph;
  }),
);

/** JSON has no infinity, the bound of an activation without an upper one. */
const written = (value: unknown) =>
  JSON.stringify(value, (_, v) => (v === Infinity ? "inf" : v === -Infinity ? "-inf" : v));
const read = (text: string) => JSON.parse(text, (_, v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : v));

test("a plan is plain data and the same every time; the graph stays as it was", () => {
  const graph = deepFreeze(structuredClone(small));
  const plan = compile(graph);
  assert.deepEqual(read(written(plan)), plan);
  assert.deepEqual(compile(small), plan);
  assert.equal(compile(graph, 3).threads, 3);
});

test("steps name their nodes and have just the arguments of their kernels", () => {
  for (const graph of real) {
    const names = new Set([graph.input.name, ...graph.nodes.map(({ name }) => name)]);
    for (const { node, kernel, args } of compile(graph).steps) {
      assert.ok(names.has(node), node);
      const fields = coreKernels.fieldsOf(kernel);
      assert.deepEqual(
        Object.keys(args),
        fields.map(([field]) => field),
      );
      for (const [field, type] of fields) {
        assert.equal(typeof args[field], "number", field);
        if (type !== "f32") assert.ok(Number.isInteger(args[field]), `${kernel} ${field}`);
      }
    }
  }
});

test("steps, constants and arena lie one after another, on cache lines", () => {
  for (const graph of [small, ...real]) {
    const plan = compile(graph);
    let end = plan.stepsAt + STEP_BYTES * plan.steps.length;
    assert.ok(plan.stepsAt >= 128);
    for (const constant of plan.constants) {
      assert.ok(constant.at >= end && constant.at % 64 === 0);
      end = constant.at + bytesOfConstant(constant);
    }
    assert.ok(plan.arenaAt >= end && plan.arenaAt % 64 === 0);
    for (const map of [plan.input, ...plan.outputs]) {
      assert.ok(map.at >= plan.arenaAt && map.at % 64 === 0 && map.at + bytesOf(map) <= plan.bytes);
    }
  }
});

interface Life {
  first: number;
  last: number;
  /** Its address in the finished plan; undefined until a step has it. */
  at?: number;
}

/** Buffers with the steps that touch them, derived from symbolic steps and a plan's resolved addresses. */
function livesOf(graph: Graph) {
  const plan = compile(graph);
  const lowering = new Lowering(graph, coreLowerings, wishesOf(graph, coreLowerings), 1);
  const input = lowering.value(graph.input.name).id;
  for (const node of graph.nodes) lowerNode(lowering, node, coreLowerings);
  const outputs = graph.outputs.map((name) => lowering.value(name).id);
  assert.deepEqual(
    lowering.steps.map(({ kernel }) => kernel),
    plan.steps.map(({ kernel }) => kernel),
  );

  const lives = lowering.values.buffers.map((): Life => ({ first: Infinity, last: -Infinity }));
  const touch = (id: number, step: number, at?: number) => {
    const life = lives[id];
    life.first = Math.min(life.first, step);
    life.last = Math.max(life.last, step);
    if (at === undefined) return;
    assert.ok(life.at === undefined || life.at === at, `buffer ${id} lies in two places`);
    life.at = at;
  };
  lowering.steps.forEach(({ args }, step) => {
    for (const [field, value] of Object.entries(args)) {
      if (isBuffer(value)) touch(value.buffer, step, plan.steps[step].args[field] - value.plus);
    }
  });
  touch(input, -1, plan.input.at);
  outputs.forEach((id, i) => {
    touch(id, lowering.steps.length, plan.outputs[i].at);
  });
  return { plan, lowering, lives };
}

function isBuffer(value: number | Address): value is Extract<Address, { buffer: number }> {
  return typeof value === "object" && "buffer" in value;
}

test("values alive at the same time lie apart in the plans of all networks", () => {
  for (const graph of [small, ...real]) {
    const { plan, lowering, lives } = livesOf(graph);
    const sizes = lowering.values.buffers.map(bytesOf);
    lives.forEach((a, i) => {
      assert.ok(a.at !== undefined && a.at >= plan.arenaAt && a.at + sizes[i] <= plan.bytes);
      lives.slice(0, i).forEach((b, j) => {
        const apart = a.last < b.first || b.last < a.first;
        const beside = a.at! + sizes[i] <= b.at! || b.at! + sizes[j] <= a.at!;
        assert.ok(apart || beside, `${graph.name}: buffers ${i} and ${j} overlap`);
      });
    });
  }
});

test("dead values make room: the arena is hardly larger than what lives at the worst moment", () => {
  for (const graph of real) {
    const { plan, lowering, lives } = livesOf(graph);
    const alive = (step: number) =>
      lives.reduce(
        (sum, { first, last }, i) => sum + (first <= step && step <= last ? bytesOf(lowering.values.buffers[i]) : 0),
        0,
      );
    const worst = Math.max(...lowering.steps.map((_, step) => alive(step)));
    const arena = plan.bytes - plan.arenaAt;
    assert.ok(arena >= worst);
    assert.ok(arena <= 1.25 * worst, `${graph.name}: ${arena} bytes for ${worst}`);
  }
});

test("one thread takes every step whole; on several, large steps are cut", () => {
  for (const graph of [small, ...real]) {
    assert.ok(compile(graph).steps.every(({ chunks }) => chunks === 1));
    assert.ok(compile(graph, 2).steps.every(({ chunks }) => chunks >= 1 && chunks <= 8));
  }
  assert.ok(real.every((graph) => compile(graph, 2).steps.some(({ chunks }) => chunks > 1)));
});

test("an op without kernels is an error that names node and op", () => {
  const graph = graphOf([3, 3, 3], (b) => b.add(dropout, "drop", [b.input], { rate: 0.5 }));
  assert.throws(
    () => compile(graph),
    (error) => error instanceof EngineError && error.where === "drop" && /dropout/.test(error.found),
  );
});

test("weights that are computed rather than stored are an error", () => {
  const attrs = conv(3);
  // The picture [1,1,3,3] has the shape of a kernel.
  const node = { name: "self", op: "conv2d", inputs: ["input", "input"], attrs, shape: [1, 1, 3, 3] };
  const graph: Graph = {
    name: "self",
    input: { name: "input", shape: [1, 1, 3, 3] },
    params: {},
    nodes: [node],
    outputs: ["self"],
  };
  assert.throws(
    () => compile(graph),
    (error) => error instanceof EngineError && error.where === "self" && /computed/.test(error.found),
  );
});
