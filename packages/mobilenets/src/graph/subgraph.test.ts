import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { buildGraph } from "../models/networks.ts";
import { checkGraph } from "./check.ts";
import { subgraph } from "./subgraph.ts";

const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3] });

test("keeps what the outputs need, in order, and nothing after the last", () => {
  const part = checkGraph(subgraph(graph, ["conv_pw_1_bn", "conv1_relu"]));
  assert.deepEqual(part.outputs, ["conv_pw_1_bn", "conv1_relu"]);
  assert.deepEqual(
    part.nodes.map(({ name }) => name),
    ["conv1", "conv1_bn", "conv1_relu", "conv_dw_1", "conv_dw_1_bn", "conv_dw_1_relu", "conv_pw_1", "conv_pw_1_bn"],
  );
  assert.deepEqual(
    Object.keys(part.params),
    Object.keys(graph.params).filter((name) => /^conv(1|_dw_1|_pw_1)(_bn)?\//.test(name)),
  );
});

test("leaves out a branch that no output needs", () => {
  const v2 = buildGraph("mobilenet_v2", { alpha: 0.35, inputShape: [32, 32, 3] });
  const names = subgraph(v2, ["block_1_project_BN"]).nodes.map(({ name }) => name);
  assert.ok(!names.some((name) => name.startsWith("block_2")));
});

test("suggests the layers that an unknown name resembles", () => {
  const refused = (name: string, message: RegExp) =>
    assert.throws(
      () => subgraph(graph, [name]),
      (error: unknown) => error instanceof OptionError && message.test(error.message),
    );
  refused(
    "Conv_PW_13_ReLU",
    /no layer "Conv_PW_13_ReLU", expected one of its 90 layers: did you mean conv_pw_13_relu or /,
  );
  refused("conv_pw_13_relu6", /did you mean conv_pw_13_relu or /);
  refused("banana", /model\.layers lists them/);
  refused("input", /no layer "input"/);
  refused("conv1/kernel", /no layer "conv1\/kernel"/);
});
