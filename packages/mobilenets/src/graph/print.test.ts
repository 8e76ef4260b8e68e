import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "./graph.ts";
import { formatType, printGraph } from "./print.ts";

test("a type prints its numbers, its shape and how integers stand for reals", () => {
  const shape = [1, 112, 112, 32];
  assert.equal(formatType({ shape }), "[1,112,112,32]");
  assert.equal(formatType({ shape, dtype: "float32" }), "[1,112,112,32]");
  const quantization = { scales: [0.023528477177023888], zeroPoints: [-128] };
  assert.equal(formatType({ shape, dtype: "int8", quantization }), "int8[1,112,112,32] 0.0235:-128");
  assert.equal(formatType({ shape: [3, 3, 8, 16], dtype: "float16" }), "float16[3,3,8,16]");
  const channels = { scales: [0.5, 0.25, 2], zeroPoints: [0, 0, 0], axis: 3 };
  assert.equal(
    formatType({ shape: [1, 1, 8, 3], dtype: "int8", quantization: channels }),
    "int8[1,1,8,3] 0.25..2:0 along 3",
  );
});

test("a graph prints every type", () => {
  const pictures = { scales: [1 / 128], zeroPoints: [128] };
  const graph: Graph = {
    name: "net",
    input: { name: "x", shape: [1, 2, 2, 3], dtype: "uint8", quantization: pictures },
    params: {
      "d/kernel": {
        shape: [12, 2],
        trainable: true,
        init: "zeros",
        dtype: "int8",
        quantization: { scales: [0.5, 1], zeroPoints: [0, 0], axis: 1 },
      },
      "d/bias": { shape: [2], trainable: true, init: "zeros" },
    },
    nodes: [
      { name: "flat", op: "reshape", inputs: ["x"], attrs: { target: [-1] }, shape: [1, 12] },
      {
        name: "d",
        op: "dense",
        inputs: ["flat", "d/kernel", "d/bias"],
        attrs: {},
        shape: [1, 2],
        dtype: "int8",
        quantization: { scales: [0.1], zeroPoints: [-3] },
      },
    ],
    outputs: ["d"],
  };
  assert.deepEqual(printGraph(graph).split("\n"), [
    "net(x uint8[1,2,2,3] 0.00781:128)",
    "d/kernel int8[12,2] 0.5..1:0 along 1",
    'flat [1,12] = reshape(x) {"target":[-1]}',
    "d int8[1,2] 0.1:-3 = dense(flat, d/kernel, d/bias)",
    "-> d",
  ]);
});
