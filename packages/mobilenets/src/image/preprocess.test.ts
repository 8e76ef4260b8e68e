import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageError, OptionError } from "../errors.ts";
import type { Picture } from "./picture.ts";
import { preprocess } from "./preprocess.ts";
import type { Preprocessing } from "./preprocessing.ts";

const base: Preprocessing = {
  height: 2,
  width: 2,
  channels: 3,
  crop: "squash",
  cropFraction: 0.875,
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};

function plain(width: number, height: number, colour: readonly number[]): Picture {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!);
  return { data, width, height, channels: 3 };
}

test("each channel is normalised by its own mean and std", () => {
  const out = new Float32Array(12);
  preprocess(plain(5, 3, [255, 100, 0]), { ...base, mean: [0, 50, 100], std: [255, 10, 50] }, out);
  assert.deepEqual(out, Float32Array.of(1, 5, -2, 1, 5, -2, 1, 5, -2, 1, 5, -2));
});

test("a batch is filled by offset, and nothing else is touched", () => {
  const out = new Float32Array(26).fill(9);
  preprocess(plain(1, 1, [0, 0, 0]), base, out, 1);
  preprocess(plain(9, 9, [255, 255, 255]), base, out, 13);
  assert.deepEqual(
    out,
    Float32Array.from({ length: 26 }, (_, i) => (i === 0 || i === 25 ? 9 : i < 13 ? -1 : 1)),
  );
});

test("center sees the middle, squash and pad the whole", () => {
  // A 16-pixel square, black with a white frame 1 pixel wide: 7/8 of it, filtered at its own scale, is all black.
  const data = new Uint8Array(256).fill(255);
  for (let y = 1; y < 15; y++) data.fill(0, y * 16 + 1, y * 16 + 15);
  const framed: Picture = { data, width: 16, height: 16, channels: 1 };
  const grey = { ...base, channels: 1, mean: [0], std: [1] } as const;
  const sum = (preprocessing: Preprocessing) => {
    const out = new Float32Array(preprocessing.height * preprocessing.width);
    preprocess(framed, preprocessing, out);
    return out.reduce((a, b) => a + b);
  };
  assert.equal(sum({ ...grey, width: 14, height: 14, crop: "center" }), 0);
  for (const crop of ["squash", "pad"] as const) {
    assert.equal(sum({ ...grey, width: 16, height: 16, crop }), 60 * 255);
  }
});

test("pad fills the rest with the mean, also over an earlier picture", () => {
  const out = new Float32Array(4 * 4 * 3).fill(5);
  preprocess(plain(8, 4, [255, 255, 255]), { ...base, height: 4, width: 4, crop: "pad" }, out);
  const rows = [0, 1, 2, 3].map((y) => out.slice(y * 12, y * 12 + 12));
  assert.deepEqual(
    rows,
    [0, 1, 1, 0].map((v) => new Float32Array(12).fill(v)),
  );
  preprocess(plain(4, 8, [0, 0, 0]), { ...base, height: 4, width: 4, crop: "pad" }, out);
  const row = Float32Array.from({ length: 12 }, (_, i) => (i >= 3 && i < 9 ? -1 : 0));
  for (let y = 0; y < 4; y++) assert.deepEqual(out.slice(y * 12, y * 12 + 12), row);
});

for (const crop of ["center", "squash", "pad"] as const) {
  for (const [width, height] of [
    [1, 1],
    [1, 5000],
    [5000, 1],
    [2, 3],
  ] as const) {
    test(`${crop} of ${width}x${height} to 40x30`, () => {
      const out = new Float32Array(40 * 30 * 3).fill(Number.NaN);
      preprocess(plain(width, height, [255, 127, 0]), { ...base, width: 40, height: 30, crop, mean: [0, 0, 0] }, out);
      const seen = new Set(Array.from({ length: 1200 }, (_, i) => out.slice(i * 3, i * 3 + 3).join(" ")));
      const colour = Float32Array.of(2, 127 / 127.5, 0).join(" ");
      assert.ok(seen.delete(colour), `no pixel of ${colour} among ${[...seen]}`);
      assert.deepEqual([...seen], crop === "pad" ? ["0 0 0"] : []);
    });
  }
}

test("errors", () => {
  const out = new Float32Array(12);
  const picture = plain(2, 2, [0, 0, 0]);
  assert.throws(() => preprocess(picture, base, out, 1), OptionError);
  assert.throws(() => preprocess(picture, base, out, -1), OptionError);
  assert.throws(() => preprocess(picture, { ...base, mean: [0] }, out), OptionError);
  assert.throws(() => preprocess({ ...picture, width: 3 }, base, out), ImageError);
});
