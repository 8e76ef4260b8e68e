import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf } from "../../../../test/support/graph-of.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { add } from "../graph/ops/add.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { symmetric } from "../graph/window.ts";
import { fuseResidual } from "../passes/fuse-residual.ts";
import { wishesOf } from "./frames.ts";
import { coreLowerings } from "./lower.ts";

const first = (b: GraphBuilder) => b.add(conv2d, "x", [b.input], conv(4));
const same3 = conv(4, { kernelSize: [3, 3], padding: "same" });

test("a value gets the zeros that its window slides over", () => {
  const graph = graphOf([5, 6, 3], (b) =>
    b.add(depthwiseConv2d, "dw", [first(b)], depthwise({ strides: [2, 2], padding: "same" })),
  );
  const wishes = wishesOf(graph, coreLowerings);
  // 5 rows at stride 2 give 3 outputs, which span 7: one zero on each side. 6 columns: 3 outputs span 7, one zero after.
  assert.deepEqual(wishes.get("x"), { frame: { top: 1, bottom: 1, left: 0, right: 1 }, spread: true });
  assert.deepEqual(wishes.get("input")?.frame, symmetric(0));
  assert.equal(wishes.has("dw"), false, "nobody reads it");
  assert.equal(wishes.has("dw/depthwise_kernel"), false);
});

test("windows of different padding share the larger of each side", () => {
  const graph = graphOf([5, 5, 3], (b) => {
    const x = first(b);
    const padding = { top: 0, bottom: 3, left: 0, right: 0 };
    return [
      b.add(conv2d, "a", [x], same3),
      b.add(depthwiseConv2d, "b", [x], depthwise({ padding })),
      b.add(depthwiseConv2d, "c", [x], depthwise({ kernelSize: [5, 5] })),
    ];
  });
  assert.deepEqual(wishesOf(graph, coreLowerings).get("x"), {
    frame: { top: 2, bottom: 3, left: 2, right: 2 },
    spread: false,
  });
});

test("an output may have a frame too", () => {
  const graph = graphOf([5, 5, 3], (b) => [first(b), b.add(conv2d, "y", ["x"], same3)]);
  assert.deepEqual(wishesOf(graph, coreLowerings).get("x")?.frame, symmetric(1));
});

test("a value that others read as it is stays plain", () => {
  const graphs = {
    "an addition": graphOf([5, 5, 3], (b) => b.add(add, "sum", [first(b), b.add(conv2d, "y", ["x"], same3)], {})),
    "a window that checks its edges": graphOf([5, 5, 3], (b) => [
      b.add(conv2d, "y", [first(b)], same3),
      b.add(depthwiseConv2d, "any", ["x"], depthwise({ kernelSize: [2, 2] })),
    ]),
    "a window over repeated channels": graphOf([5, 5, 3], (b) =>
      b.add(depthwiseConv2d, "twice", [first(b)], depthwise({ depthMultiplier: 2 })),
    ),
  };
  for (const [reader, graph] of Object.entries(graphs))
    assert.equal(wishesOf(graph, coreLowerings).has("x"), false, reader);
});

test("a window's residual is read as it is", () => {
  const graph = graphOf([5, 5, 3], (b) => b.add(add, "sum", [b.add(conv2d, "y", [first(b)], same3), "x"], {}));
  const fused = fuseResidual({ graph, weights: {} }).graph;
  assert.equal(fused.nodes.length, 2);
  assert.equal(wishesOf(fused, coreLowerings).has("x"), false);
});
