import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, graphOf } from "../../../../test/support/graph-of.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { rewrite, usesOf } from "./uses.ts";

const graph = graphOf([2, 2, 3], (b) => {
  const x = b.add(conv2d, "conv", [b.input], conv(3));
  const y = b.add(activation, "relu", [x], { activation: "relu" });
  const twice = b.add(add, "twice", [y, y], {});
  return [twice, b.add(add, "sum", [twice, b.input], {})];
});

test("readers are counted once, however often they read", () => {
  const uses = usesOf(graph);
  const names = (value: string) => uses.readers(value).map(({ name }) => name);
  assert.deepEqual(names("input"), ["conv", "sum"]);
  assert.deepEqual(names("conv/kernel"), ["conv"]);
  assert.deepEqual(names("relu"), ["twice"]);
  assert.deepEqual(names("sum"), []);
});

test("a sole reader is one that nobody else shares the value with, the caller included", () => {
  const uses = usesOf(graph);
  assert.equal(uses.soleReader("conv")?.name, "relu");
  assert.equal(uses.soleReader("relu")?.name, "twice");
  assert.equal(uses.soleReader("twice"), undefined, "an output");
  assert.equal(uses.soleReader("input"), undefined, "two readers");
  assert.equal(uses.soleReader("sum"), undefined, "no reader");
});

test("rewriting follows renames through removed nodes, outputs too", () => {
  const removed = new Map([
    ["relu", null],
    ["twice", null],
  ]);
  const renamed = new Map([
    ["twice", "relu"],
    ["relu", "conv"],
  ]);
  const { nodes, outputs } = rewrite(graph, removed, renamed);
  assert.deepEqual(
    nodes.map(({ name, inputs }) => [name, ...inputs]),
    [
      ["conv", "input", "conv/kernel"],
      ["sum", "conv", "input"],
    ],
  );
  assert.deepEqual(outputs, ["conv", "sum"]);
});
