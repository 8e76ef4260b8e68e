import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { reshape } from "./reshape.ts";
import { zeroPadding2d } from "./zero_padding2d.ts";

test("reshape keeps the numbers' order and the batch", () => {
  assert.deepEqual(runOp(reshape, { target: [1, 1, 4] }, counting([2, 4])), counting([2, 1, 1, 4]));
  assert.deepEqual(runOp(reshape, { target: [-1] }, counting([2, 2, 1, 3])), counting([2, 6]));
  assert.equal(reshape.layer({ target: [-1] }), "Flatten");
  assert.equal(reshape.layer({ target: [4] }), "Reshape");
  assert.throws(() => reshape.shape([[1, 5]], { target: [1, 1, 4] }), GraphError);
});

test("zero padding puts zeros on each of the four sides of each picture", () => {
  const padding = { top: 1, bottom: 0, left: 2, right: 1 };
  const output = runOp(zeroPadding2d, { padding }, counting([2, 1, 1, 2]));
  const rows = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0];
  assert.deepEqual(output, tensor([2, 2, 4, 2], rows));
  assert.throws(() => zeroPadding2d.shape([[1, 8]], { padding }), GraphError);
});
