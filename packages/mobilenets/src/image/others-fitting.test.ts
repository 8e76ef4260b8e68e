import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { fittingOf } from "./fitting.ts";
import { othersFitting } from "./others-fitting.ts";
import type { Picture } from "./picture.ts";
import { preprocess } from "./preprocess.ts";
import type { Preprocessing, Resize } from "./preprocessing.ts";

interface Golden {
  readonly grey: string;
  readonly pillow: readonly {
    readonly from: readonly [number, number, 1 | 3];
    readonly box: readonly [number, number, number, number];
    readonly to: readonly [number, number];
    readonly sha256: Readonly<Record<string, string>>;
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../../test/golden/pipelines.json", import.meta.url), "utf8"),
);

/** The twin of `sample` in test/golden/make/pipelines.py. */
function sample(i: number): number {
  return (i * 73 + ((i * i) % 1009) + Math.floor(i / 7) * 11) % 256;
}

function picture(height: number, width: number, channels: 1 | 3): Picture {
  return { data: Uint8Array.from({ length: height * width * channels }, (_, i) => sample(i)), width, height, channels };
}

const sha256 = (data: Float32Array) => createHash("sha256").update(Uint8Array.from(data)).digest("hex");

const base: Preprocessing = {
  height: 20,
  width: 20,
  channels: 3,
  crop: "squash",
  cropFraction: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

async function prepared(from: Picture, change: Partial<Preprocessing>): Promise<Float32Array> {
  const preprocessing = { ...base, ...change };
  const { height, width, channels } = preprocessing;
  const out = new Float32Array(height * width * channels).fill(Number.NaN);
  preprocess(from, preprocessing, out, 0, await fittingOf(preprocessing));
  return out;
}

for (const { from, box, to, sha256: hashes } of golden.pillow) {
  test(`Pillow's bytes: ${from.join("x")} [${box.join(", ")}] to ${to.join("x")}`, () => {
    const [left, top, right, bottom] = box;
    const source = { x: left, y: top, width: right - left, height: bottom - top };
    const [height, width] = to;
    const destination = { x: 0, y: 0, width, height };
    const channels = from[2];
    for (const [name, hash] of Object.entries(hashes)) {
      const data = new Float32Array(width * height * channels).fill(Number.NaN);
      const target = { data, offset: 0, rowStride: width * channels, width, height, channels };
      othersFitting(`pillow-${name}` as Resize).resize(picture(...from), { source, destination }, target);
      assert.equal(sha256(data).slice(0, 16), hash, name);
    }
  });
}

test("a grey network gets Pillow's grey, whatever the picture's channels", async () => {
  const change = { resize: "pillow-bicubic", channels: 1, mean: [0], std: [1] } as const;
  const rgb = picture(50, 40, 3);
  const rgba = { ...rgb, data: new Uint8Array(50 * 40 * 4).fill(255), channels: 4 } as const;
  for (let i = 0; i < 50 * 40; i++) rgba.data.set(rgb.data.subarray(i * 3, i * 3 + 3), i * 4);
  for (const from of [rgb, rgba]) assert.equal(sha256(await prepared(from, change)), golden.grey);
});

test("RGBA without transparency gives the numbers of RGB, grey those of grey as colour", async () => {
  const rgb = picture(33, 47, 3);
  const grey = picture(33, 47, 1);
  const data = new Uint8Array(33 * 47 * 4).fill(255);
  for (let i = 0; i < 33 * 47; i++) data.set(rgb.data.subarray(i * 3, i * 3 + 3), i * 4);
  const colour: Picture = {
    ...grey,
    data: Uint8Array.from({ length: 33 * 47 * 3 }, (_, i) => sample(Math.floor(i / 3))),
    channels: 3,
  };
  for (const resize of ["pillow-nearest", "pillow-lanczos", "torch-bicubic", "tensorflow-area"] as const) {
    assert.deepEqual(await prepared({ ...rgb, data, channels: 4 }, { resize }), await prepared(rgb, { resize }));
    assert.deepEqual(await prepared(grey, { resize }), await prepared(colour, { resize }));
  }
});

for (const resize of [
  "pillow-nearest",
  "pillow-bicubic",
  "torch-bilinear",
  "tensorflow-nearest",
  "tensorflow-area",
  "tensorflow-bilinear",
  "tensorflow-bicubic",
  "tensorflow-bicubic-antialias",
] as const) {
  test(`${resize}: every crop of every shape keeps a plain colour, and a picture of the input's size`, async () => {
    for (const crop of ["center", "squash", "pad", "aspect"] as const) {
      for (const [width, height] of [
        [1, 1],
        [1, 300],
        [300, 1],
        [23, 31],
        [640, 47],
      ] as const) {
        const plain = { data: new Uint8Array(width * height * 3).fill(200), width, height, channels: 3 } as const;
        for (const size of [{}, { width: 16, height: 24 }]) {
          const got = await prepared(plain, { resize, crop, cropFraction: 0.875, ...size });
          const wrong = got.find((x) => !(Math.abs(x - 200) < 1e-3 || (crop === "pad" && x === 0)));
          assert.equal(wrong, undefined, `${crop} of ${width}x${height}`);
        }
      }
    }
    const same = picture(20, 20, 3);
    assert.deepEqual(await prepared(same, { resize }), Float32Array.from(same.data));
  });
}

test("the middle is cut at whole pixels: torchvision's size and corner", () => {
  const { place } = othersFitting("pillow-bilinear");
  const to = { ...base, width: 224, height: 224, crop: "center", cropFraction: 0.875 } as const;
  // int(256 * 512 / 340) = 385, and round((385 - 224) / 2.0) = round(80.5) = 80.
  assert.deepEqual(place(512, 340, to).resized, { width: 385, height: 256, x: 80, y: 16 });
  assert.deepEqual(place(340, 512, to).resized, { width: 256, height: 385, x: 16, y: 80 });
  assert.equal(place(512, 340, { ...to, cropFraction: 224 / 232 }).resized?.height, 232);
  assert.equal(place(512, 340, { ...to, cropFraction: 0.95 }).resized?.height, 235);
});

test("a name that is none is refused with those that are", async () => {
  await assert.rejects(
    fittingOf({ ...base, resize: "pillow-sharp" as Resize }),
    /resize "pillow-sharp", expected mobilenets, pillow-nearest/,
  );
});

test("without its fitting, nothing is computed", () => {
  const out = new Float32Array(20 * 20 * 3);
  assert.throws(() => preprocess(picture(5, 5, 3), { ...base, resize: "pillow-box" }, out), OptionError);
});
