import assert from "node:assert/strict";
import { test } from "node:test";
import { argument, argumentsOf, operandOf } from "./wat.ts";

test("an argument is read where it lies in a step record, as the type that it has", () => {
  // The record's first word is the kernel's number.
  assert.equal(argument("f32-add", "a"), "(i32.load offset=4 (local.get $s))");
  assert.equal(argumentsOf("f32-unary")("scale"), "(f32.load offset=40 (local.get $s))");
  // @ts-expect-error a kernel's signature has its arguments
  assert.throws(() => argument("f32-add", "scale"), /f32-add has no argument scale/);
  // @ts-expect-error only maps have pixels
  assert.throws(() => operandOf("f32-affine", "scale").step, /f32-affine has no argument scaleStep/);
});

test("an operand has the distances that the signature has", () => {
  const { at, step, pitch, image } = operandOf("f32-moments", "a");
  assert.deepEqual(
    [at, image, pitch, step],
    [4, 8, 12, 16].map((n) => `(i32.load offset=${n} (local.get $s))`),
  );
  assert.throws(() => operandOf("f32-add", "a").pitch, /f32-add has no argument aPitch/);
});
