import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { checkPreprocessing, type Preprocessing } from "./preprocessing.ts";

const good: Preprocessing = {
  height: 224,
  width: 192,
  channels: 3,
  crop: "center",
  cropFraction: 0.875,
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};

test("preprocessing survives JSON and passes the check", () => {
  const read: unknown = JSON.parse(JSON.stringify(good));
  checkPreprocessing(read);
  assert.deepEqual(read, good);
  checkPreprocessing({ ...good, channels: 1, mean: [0], std: [1], crop: "pad", cropFraction: 1 });
});

for (const [change, message] of [
  [{ height: 0 }, "height is 0, expected a positive integer"],
  [{ width: 224.5 }, "width is 224.5, expected a positive integer"],
  [{ channels: 4 }, "channels is 4, expected 1 or 3"],
  [{ crop: "centre" }, 'crop is "centre", expected center, squash, pad, aspect'],
  [{ resize: "bilinear" }, 'resize is "bilinear", expected such as mobilenets, pillow-bilinear'],
  [{ cropFraction: 0 }, "cropFraction is 0, expected a number in (0, 1]"],
  [{ cropFraction: 1.01 }, "cropFraction is 1.01, expected a number in (0, 1]"],
  [{ mean: [1, 2] }, "mean is [1,2], expected 3 finite numbers"],
  [{ mean: undefined }, "mean is undefined, expected 3 finite numbers"],
  [{ std: [1, 0, 1] }, "std is [1,0,1], expected 3 positive numbers"],
  [{ std: 127.5 }, "std is 127.5, expected 3 positive numbers"],
] as const) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => checkPreprocessing({ ...good, ...change }, "v2.safetensors"),
      (error: Error) => error instanceof OptionError && error.message === `v2.safetensors: ${message}`,
    );
  });
}

test("refused: not an object", () => {
  assert.throws(() => checkPreprocessing(null), /preprocessing: null, expected an object/);
});
