import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { lossFunction } from "./losses.ts";
import type { Loss } from "./step.ts";

const names: readonly Loss[] = ["softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error"];

function close(found: number, expected: number, tolerance = 1e-12) {
  assert.ok(
    Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${found}, expected ${expected}`,
  );
}

test("softmax cross-entropy of a picture is minus the log of its class' probability", () => {
  const gradient = new Float64Array(6);
  // Probabilities 1/4, 1/2, 1/4 and 1/6, 1/3, 1/2.
  const logits = Float64Array.of(0, Math.log(2), 0, 0, Math.log(2), Math.log(3));
  const loss = lossFunction("softmax_cross_entropy")(logits, Float64Array.of(0, 1, 0, 0, 0, 1), 3, gradient);
  close(loss, Math.log(2));
  for (const [i, g] of [1 / 4, -1 / 2, 1 / 4, 1 / 6, 1 / 3, -1 / 2].entries()) close(gradient[i], g / 2);
});

test("rows of targets weigh their pictures", () => {
  const logits = Float64Array.of(0.3, -0.2, 1.1);
  const [one, three] = [new Float64Array(3), new Float64Array(3)];
  const f = lossFunction("softmax_cross_entropy");
  const loss = f(logits, Float64Array.of(0.5, 0.25, 0.25), 3, one);
  close(f(logits, Float64Array.of(1.5, 0.75, 0.75), 3, three), 3 * loss);
  for (let i = 0; i < 3; i++) close(three[i], 3 * one[i]);
  assert.equal(f(logits, new Float64Array(3), 3, three), 0);
  assert.deepEqual(three, new Float64Array(3));
});

test("sigmoid cross-entropy and squared error are means over all numbers", () => {
  const gradient = new Float64Array(4);
  // Probabilities 1/2, 3/4, 1/4, 1/2.
  const logits = Float64Array.of(0, Math.log(3), -Math.log(3), 0);
  const targets = Float64Array.of(1, 1, 0, 0.5);
  const expected = (Math.log(2) - 2 * Math.log(3 / 4) + Math.log(2)) / 4;
  close(lossFunction("sigmoid_cross_entropy")(logits, targets, 2, gradient), expected);
  for (const [i, g] of [-1 / 2, -1 / 4, 1 / 4, 0].entries()) close(gradient[i], g / 4);
  close(lossFunction("mean_squared_error")(Float64Array.of(1, 2, 3, 5), targets, 2, gradient), (0 + 1 + 9 + 20.25) / 4);
  assert.deepEqual([...gradient], [0, 0.5, 1.5, 2.25]);
});

for (const name of names) {
  test(`${name}: the gradient is the loss' slope`, () => {
    const next = random(1);
    const draw = (low: number, high: number) => Float64Array.from({ length: 12 }, () => low + (high - low) * next());
    const [logits, targets, gradient] = [draw(-3, 3), draw(0, 1), new Float64Array(12)];
    const f = lossFunction(name);
    f(logits, targets, 4, gradient);
    const scratch = new Float64Array(12);
    logits.forEach((_, i) => {
      const at = (by: number) =>
        f(
          logits.map((x, j) => (i === j ? x + by : x)),
          targets,
          4,
          scratch,
        );
      close(gradient[i], (at(1e-5) - at(-1e-5)) / 2e-5, 1e-9);
    });
  });

  test(`${name}: extreme logits stay finite, and NaN shows`, () => {
    const f = lossFunction(name);
    const gradient = new Float32Array(6);
    const logits = Float32Array.of(1e4, -1e4, 0, -1e4, -1e4, 3e4);
    const loss = f(logits, Float32Array.of(0, 1, 0, 1, 0, 0), 3, gradient);
    assert.ok(Number.isFinite(loss) && loss > 1e3, `${loss}`);
    assert.ok(gradient.every(Number.isFinite));
    assert.ok(Number.isNaN(f(Float32Array.of(0, Number.NaN, 1), Float32Array.of(1, 0, 0), 3, gradient.subarray(0, 3))));
  });
}
