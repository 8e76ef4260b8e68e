import { GraphError } from "../errors.ts";
import { show } from "../show.ts";
import type { Shape } from "../tensor.ts";
import { checkGraph } from "./check.ts";
import type { Graph, Initialiser } from "./graph.ts";
import { importedOps } from "./imported-ops.ts";
import { opOf } from "./ops.ts";
import { shapesOf } from "./shapes.ts";

const initialisers: readonly unknown[] = ["glorot_uniform", "zeros", "ones"] satisfies Initialiser[];

/**
 * Checks that any JSON value is a graph, and then that the graph is valid, as `checkGraph` does.
 * @throws GraphError for an invalid part; it names the part or the layer
 */
export function checkForeignGraph(value: unknown): Graph {
  const { name, input, params, nodes, outputs } = objectOf(value, "graph");
  expectName(name, "graph: name");
  const { name: inputName, shape } = objectOf(input, "graph: input");
  expectName(inputName, "graph: input");
  const [batch, ...picture] = expectShape(shape, "graph: input");
  if (batch !== 1 || picture.length !== 3) throw wrong("graph: input", shape, "a shape [1,height,width,channels]");
  const names = new Set<unknown>([inputName]);
  for (const [param, spec] of Object.entries(objectOf(params, "graph: params"))) {
    const { shape: size, trainable, init } = objectOf(spec, param);
    expectShape(size, param);
    // Fields that inference does not need may be missing.
    if (!["boolean", "undefined"].includes(typeof trainable)) throw wrong(param, trainable, "trainable true or false");
    if (!initialisers.includes(init ?? "zeros")) throw wrong(param, init, `init ${initialisers.join(", ")}`);
    if (names.has(param)) throw wrong(param, param, "a unique name");
    names.add(param);
  }
  for (const node of listOf(nodes, "graph: nodes")) {
    const { name: layer, op, inputs, attrs, shape: result } = objectOf(node, "graph: a node");
    expectName(layer, "graph: a node's name");
    expectName(op, layer);
    for (const read of listOf(inputs, layer)) expectName(read, layer);
    objectOf(attrs, layer);
    expectShape(result, layer);
    if (!opOf({ name: layer, op }, importedOps).check) throw wrong(layer, op, "an op that files can hold");
    names.add(layer);
  }
  const graph = value as Graph;
  const results = listOf(outputs, "graph: outputs");
  const layers = new Set<unknown>(graph.nodes.map((node) => node.name));
  if (results.length === 0 || !results.every((output) => layers.has(output))) {
    throw wrong("graph: outputs", outputs, "names of layers");
  }
  checkGraph(graph, importedOps);
  checkRoles(graph);
  return graph;
}

/**
 * Checks that a layer's weights are parameters and its other inputs are not, as engines assume. Each parameter belongs to
 * one layer: a pass that changes a layer's weights must not change another's.
 */
function checkRoles(graph: Graph): void {
  const shapes = shapesOf(graph);
  const owned = new Set<string>();
  for (const { name, op, inputs, attrs } of graph.nodes) {
    const weights = Object.keys(
      opOf({ name, op }, importedOps).params?.([shapes.get(inputs[0]) as Shape], attrs) ?? {},
    ).length;
    inputs.forEach((input, i) => {
      const isWeight = i >= 1 && i <= weights;
      if (isWeight !== Object.hasOwn(graph.params, input)) {
        throw wrong(name, input, isWeight ? `a parameter as input ${i}` : `the result of a layer as input ${i}`);
      }
      if (isWeight && owned.has(input)) throw wrong(name, input, "a parameter that no other layer uses");
      if (isWeight) owned.add(input);
    });
  }
}

function wrong(where: string, found: unknown, expected: string): GraphError {
  return new GraphError({ where, found: show(found), expected });
}

function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(where, value, "an object");
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(where, value, "a list");
}

function expectName(value: unknown, where: string): asserts value is string {
  if (typeof value !== "string" || value === "") throw wrong(where, value, "a name");
}

function expectShape(value: unknown, where: string): readonly number[] {
  const sizes = listOf(value, where);
  if (sizes.every((n) => Number.isSafeInteger(n) && (n as number) >= 1)) return sizes as readonly number[];
  throw wrong(where, value, "a shape of integers >= 1");
}
