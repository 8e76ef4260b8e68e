import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphError } from "../errors.ts";
import { GraphBuilder } from "./builder.ts";
import { resultShape } from "./infer.ts";
import { activation } from "./ops/activation.ts";
import { conv2d } from "./ops/conv2d.ts";
import { zeroPadding2d } from "./ops/zero_padding2d.ts";

const attrs = {
  filters: 2,
  kernelSize: [1, 1],
  strides: [1, 1],
  padding: "same",
  useBias: false,
  activation: "linear",
} as const;
const refuses = (message: RegExp) => (error: unknown) => error instanceof GraphError && message.test(error.message);

test("attributes and sizes are checked as a layer is added, whoever makes the graph", () => {
  const picture = [[1, 8, 8, 3]];
  assert.deepEqual(resultShape(activation, "relu", picture, { activation: "relu" }), [1, 8, 8, 3]);
  assert.throws(
    () => resultShape(activation, "act", picture, { activation: "gelu" as "relu" }),
    refuses(/^act: activation "gelu", expected one of/),
  );
  const padding = { top: 1e6, bottom: 1e6, left: 1e6, right: 1e6 };
  assert.throws(
    () => resultShape(zeroPadding2d, "pad", picture, { padding }),
    refuses(/^pad: a value of shape .*at most/),
  );
  // A forged file's empty weight: kernels would read beyond it.
  assert.throws(
    () => resultShape(conv2d, "conv", [...picture, [1, 1, 3, 0]], { ...attrs, filters: 0 }),
    refuses(/^conv: filters 0, expected an integer >= 1/),
  );
  assert.throws(
    () => resultShape(activation, "act", [[1, 0, 8, 3]], { activation: "relu" }),
    refuses(/^act: a value of shape \[1,0,8,3\], expected sizes of at least 1/),
  );
});

test("a layer may not be called like what every object has, nor like another's weight", () => {
  const b = () => new GraphBuilder("net", [8, 8, 3]);
  for (const name of ["__proto__", "constructor", "valueOf"]) {
    assert.throws(() => b().add(activation, name, ["input"], { activation: "relu" }), refuses(/every object has/));
  }
  assert.throws(() => new GraphBuilder("net", [8, 8, 3], "valueOf"), refuses(/^valueOf: a name that every object has/));
  const first = b();
  first.add(activation, "conv/kernel", ["input"], { activation: "relu" });
  assert.throws(() => first.add(conv2d, "conv", ["input"], attrs), refuses(/^conv\/kernel: two layers of this name/));
  const second = b();
  second.add(conv2d, "conv", ["input"], attrs);
  assert.throws(
    () => second.add(activation, "conv/kernel", ["conv"], { activation: "relu" }),
    refuses(/^conv\/kernel: two layers of this name/),
  );
});
