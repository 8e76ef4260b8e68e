import assert from "node:assert/strict";
import { before, test } from "node:test";
import { random } from "../../random.ts";
import { type Fitting, isOthers, ownFitting } from "../fitting.ts";
import { othersFitting } from "../others-fitting.ts";
import type { Picture } from "../picture.ts";
import { preprocess } from "../preprocess.ts";
import type { Preprocessing, Resize } from "../preprocessing.ts";
import { resizes } from "../resizes.ts";
import { loadKernels } from "./fitting.ts";
import { resizeFixed } from "./fixed.ts";
import { resizeFloat } from "./float.ts";
import { PictureMemory } from "./memory.ts";

let faster: (fitting: Fitting) => Fitting;
before(async () => {
  faster = await loadKernels();
});

const next = random(3);
function picture(width: number, height: number, channels: 1 | 3 | 4, alpha: "opaque" | "some" = "opaque"): Picture {
  const data = Uint8Array.from({ length: width * height * channels }, () => Math.floor(next() * 256));
  if (channels === 4 && alpha === "opaque") for (let i = 3; i < data.length; i += 4) data[i] = 255;
  // One pixel, among the last of a row, is transparent.
  if (channels === 4 && alpha === "some") {
    for (let i = 3; i < data.length; i += 4) data[i] = i === data.length - 1 ? 100 : 255;
  }
  return { data, width, height, channels };
}

const base: Preprocessing = {
  height: 17,
  width: 23,
  channels: 3,
  crop: "squash",
  cropFraction: 0.875,
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};

/** The result's bits, which distinguish 0 from -0. */
function bits(fitting: Fitting, from: Picture, to: Preprocessing): Uint32Array {
  const size = to.height * to.width * to.channels;
  const out = new Float32Array(size + 8).fill(7);
  preprocess(from, to, out, 4, fitting);
  return new Uint32Array(out.buffer);
}

const fitting = (name: Resize) => (isOthers({ ...base, resize: name }) ? othersFitting(name) : ownFitting);

/** Sizes to reduce, to enlarge, tall, wide, one pixel wide, and equal to the target's. */
const sizes = [
  [61, 47],
  [7, 5],
  [300, 31],
  [29, 400],
  [1, 1],
  [2, 90],
  [23, 17],
  [128, 127],
] as const;

for (const name of resizes) {
  test(`${name}: the bits of JavaScript`, () => {
    for (const [width, height] of sizes) {
      const pictures = [
        picture(width, height, 3),
        picture(width, height, 4),
        picture(width, height, 4, "some"),
        picture(width, height, 1),
      ];
      for (const from of pictures) {
        for (const crop of ["squash", "center", "pad", "aspect"] as const) {
          const to = { ...base, resize: name, crop };
          assert.deepEqual(
            bits(faster(fitting(name)), from, to),
            bits(fitting(name), from, to),
            `${crop} of ${width}x${height}, ${from.channels} channels`,
          );
        }
      }
    }
  });
}

test("sizes of the input, and of nothing but 0 and 255", () => {
  for (const name of [
    "mobilenets",
    "pillow-lanczos",
    "pillow-bicubic",
    "torch-bicubic",
    "tensorflow-bicubic",
  ] as const) {
    for (const [width, height] of [
      [1, 1],
      [4, 1],
      [5, 3],
      [31, 16],
      [224, 224],
    ]) {
      const from = picture(90, 70, 3);
      const to = { ...base, resize: name, width, height };
      assert.deepEqual(
        bits(faster(fitting(name)), from, to),
        bits(fitting(name), from, to),
        `${name} ${width}x${height}`,
      );
      const hard = { ...from, data: from.data.map((x) => (x < 128 ? 0 : 255)) };
      assert.deepEqual(
        bits(faster(fitting(name)), hard, to),
        bits(fitting(name), hard, to),
        `${name} ${width}x${height}`,
      );
    }
  }
});

test("kernels are what computes it, and a picture beyond their memory is left to JavaScript", async () => {
  const memory = await PictureMemory.create();
  const out = new Float32Array(23 * 17 * 3);
  const target = { data: out, offset: 0, rowStride: 23 * 3, width: 23, height: 17, channels: 3 } as const;
  const placement = (width: number, height: number) => ({
    source: { x: 0, y: 0, width, height },
    destination: { x: 0, y: 0, width: 23, height: 17 },
  });
  const small = picture(60, 50, 3);
  const own = ownFitting.resampling(small, placement(60, 50), target);
  const pillow = othersFitting("pillow-box").resampling(small, placement(60, 50), target);
  assert.ok(own.kind === "float" && resizeFloat(memory, small, own, target));
  assert.ok(pillow.kind === "fixed" && resizeFixed(memory, small, pillow, target));
  // A row of 4 million pixels, 24 bytes each.
  const wide: Picture = { data: new Uint8Array(4e6 * 3).fill(9), width: 4e6, height: 1, channels: 3 };
  const far = ownFitting.resampling(wide, placement(4e6, 1), target);
  assert.ok(far.kind === "float" && !resizeFloat(memory, wide, far, target));
  faster(ownFitting).resize(wide, placement(4e6, 1), target);
  assert.ok(out.every((x) => Math.abs(x - 9) < 1e-4));
});
