import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { type Activation, activate, activationNames, checkActivation } from "./activations.ts";

/** The functions' values where their pieces meet and between, computed by hand. */
const points: Record<Exclude<Activation, "softmax">, [x: number, y: number][]> = {
  linear: [
    [-2.5, -2.5],
    [7, 7],
  ],
  relu: [
    [-2, 0],
    [0, 0],
    [7, 7],
  ],
  relu6: [
    [-2, 0],
    [5, 5],
    [6, 6],
    [7, 6],
  ],
  hard_sigmoid: [
    [-4, 0],
    [-3, 0],
    [-1.5, 0.25],
    [0, 0.5],
    [1.5, 0.75],
    [3, 1],
    [4, 1],
  ],
  hard_swish: [
    [-4, 0],
    [-3, 0],
    [-1.5, -0.375],
    [0, 0],
    [1.5, 1.125],
    [3, 3],
    [4, 4],
  ],
  sigmoid: [
    [0, 0.5],
    [Math.log(3), 0.75],
    [-Math.log(3), 0.25],
    [-1000, 0],
    [1000, 1],
  ],
};

for (const [name, pairs] of Object.entries(points)) {
  test(`${name} has the values of its definition`, () => {
    const data = Float32Array.from(pairs, ([x]) => x);
    activate(name as Activation, data, 1);
    pairs.forEach(([x, y], i) => {
      assert.ok(Math.abs(data[i] - y) < 1e-7, `${name}(${x}) is ${data[i]}, expected ${y}`);
    });
  });
}

test("softmax works on each row by itself, and on numbers whose exponentials overflow", () => {
  const ln = Math.log;
  const data = Float32Array.of(ln(1), ln(2), ln(5), 1000, 1000, 900, -1000, -1000, -1000);
  activate("softmax", data, 3);
  const expected = [1 / 8, 2 / 8, 5 / 8, 0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3];
  expected.forEach((y, i) => {
    assert.ok(Math.abs(data[i] - y) < 1e-6, `[${i}] is ${data[i]}, expected ${y}`);
  });
});

test("names what is accepted when an activation is not", () => {
  for (const name of activationNames) assert.equal(checkActivation("x", name), name);
  for (const name of ["gelu", "toString", ""]) {
    assert.throws(
      () => checkActivation("net: classifierActivation", name),
      (error: unknown) =>
        error instanceof OptionError &&
        error.message.startsWith(`net: classifierActivation: activation "${name}", expected one of linear, relu, `),
    );
  }
});
