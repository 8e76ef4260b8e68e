import assert from "node:assert/strict";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { checkGraph } from "../../packages/mobilenets/src/graph/check.ts";
import type { Graph, Program, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { importedOps } from "../../packages/mobilenets/src/graph/imported-ops.ts";
import type { Pass } from "../../packages/mobilenets/src/passes/optimise.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { assertClose } from "../oracles/compare.ts";
import { deepFreeze } from "./freeze.ts";
import { randomInput, randomProgram } from "./random-program.ts";

/**
 * Applies a pass to a graph with random weights and checks the properties of every pass: the new graph is valid, has
 * exactly the weights that it uses and computes the same numbers, and the old graph is unchanged.
 */
export async function transformed(pass: Pass, graph: Graph, tolerance = 1e-6): Promise<Program> {
  const program = deepFreeze(randomProgram(graph, 1));
  const before = structuredClone(program);
  const result = pass(program);
  assert.deepEqual(program, before);

  checkGraph(result.graph, importedOps);
  assert.equal(result.graph.outputs.length, graph.outputs.length);
  const used = new Set(result.graph.nodes.flatMap((node) => node.inputs.filter((input) => input in result.weights)));
  assert.deepEqual(Object.keys(result.weights).sort(), [...used].sort());
  assert.deepEqual(shapesOf(result.weights), shapesOf(result.graph.params));

  const [expected, found] = [await run(program), await run(result)];
  expected.forEach((tensor, i) => {
    assertClose({ ...found[i], shape: tensor.shape }, tensor, tolerance, graph.outputs[i]);
  });
  return result;
}

/** Applies a pass that must not change this graph. */
export async function untransformed(pass: Pass, graph: Graph): Promise<void> {
  const result = await transformed(pass, graph);
  assert.deepEqual(result.graph, graph);
}

/** Ops of a graph in order, for comparison: `conv2d activation add`. */
export function opsOf({ nodes }: Graph): string {
  return nodes.map(({ op }) => op).join(" ");
}

/** Counts of each op. */
export function countsOf({ nodes }: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

async function run(program: Program): Promise<Tensor[]> {
  return (await reference.compile(program)).run(randomInput(program.graph, 2, 2));
}

function shapesOf(named: Weights | Graph["params"]): Record<string, readonly number[]> {
  const entries = Object.entries(named).map(([name, { shape }]) => [name, shape] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
