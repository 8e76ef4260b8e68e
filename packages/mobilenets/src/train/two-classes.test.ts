import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf, units } from "../../../../test/support/graph-of.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { reference } from "../engines/reference.ts";
import { selectEngine } from "../engines/select.ts";
import { dense } from "../graph/ops/dense.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { Model } from "../model.ts";
import { asTwoClasses } from "./two-classes.ts";

const program = (n: number, activation: "sigmoid" | "softmax", useBias = true) =>
  randomProgram(
    graphOf([4, 4, 3], (b) => {
      const x = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: false });
      return b.add(dense, "top", [x], units(n, { activation, useBias }));
    }),
    1,
  );

test("one probability is that of the second of two classes", async () => {
  for (const useBias of [true, false]) {
    const one = program(1, "sigmoid", useBias);
    const input = randomInput(one.graph, 3, 2);
    const [single] = await (await reference.compile(one)).run(input);
    const [both] = await (await reference.compile(asTwoClasses(one))).run(input);
    assert.deepEqual(both.shape, [3, 2]);
    single.data.forEach((p, i) => {
      assert.ok(Math.abs(both.data[2 * i] - (1 - p)) < 1e-6);
      assert.ok(Math.abs(both.data[2 * i + 1] - p) < 1e-6);
    });
  }
  const other = program(2, "softmax");
  assert.equal(asTwoClasses(other), other);
});

test("classify gives both, with their names, unless the one has its own", async () => {
  const preprocessing = {
    height: 4,
    width: 4,
    channels: 3,
    crop: "squash",
    cropFraction: 1,
    mean: [0, 0, 0],
    std: [255, 255, 255],
  } as const;
  const picture = { data: new Uint8Array(48).fill(90), width: 4, height: 4, channels: 3 } as const;
  const one = program(1, "sigmoid");
  const named = new Model({ program: one, preprocessing, labels: ["cat", "dog"] }, selectEngine("reference"));
  const [first, second] = await named.classify(picture);
  assert.deepEqual([first.label, second.label].sort(), ["cat", "dog"]);
  assert.ok(Math.abs(first.probability + second.probability - 1) < 1e-6);
  assert.ok(first.probability > second.probability);
  const alone = new Model({ program: one, preprocessing, labels: ["dog"] }, selectEngine("reference"));
  assert.equal((await alone.classify(picture)).length, 1);
});
