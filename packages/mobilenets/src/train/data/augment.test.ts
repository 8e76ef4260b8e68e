import assert from "node:assert/strict";
import { test } from "node:test";
import type { Picture } from "../../image/picture.ts";
import { preprocess } from "../../image/preprocess.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { random } from "../../random.ts";
import { augment } from "./augment.ts";
import { type Augmentation, augmentations, checkAugmentation } from "./augmentation.ts";

const base: Preprocessing = {
  height: 12,
  width: 16,
  channels: 3,
  crop: "center",
  cropFraction: 0.9,
  mean: [100, 120, 140],
  std: [50, 60, 70],
};
const size = 12 * 16 * 3;

function noise(width: number, height: number, channels: 1 | 3, seed = 1): Picture {
  const next = random(seed);
  return {
    data: Uint8Array.from({ length: width * height * channels }, () => next() * 256),
    width,
    height,
    channels,
  };
}

function augmented(picture: Picture, augmentation: Augmentation, seed: number, to = base): Float32Array {
  const out = new Float32Array(to.height * to.width * to.channels).fill(Number.NaN);
  augment(picture, to, augmentation, random(seed), out);
  return out;
}

function prepared(picture: Picture, to = base): Float32Array {
  const out = new Float32Array(to.height * to.width * to.channels).fill(Number.NaN);
  preprocess(picture, to, out);
  return out;
}

for (const crop of ["center", "squash", "pad"] as const) {
  test(`nothing asked for: the bits of preprocess (${crop})`, () => {
    for (const channels of [1, 3] as const) {
      for (const [width, height] of [
        [40, 30],
        [9, 20],
        [30, 7],
      ] as const) {
        for (const to of [base, { ...base, channels: 1, mean: [90], std: [3] } as const]) {
          const picture = noise(width, height, channels);
          assert.deepEqual(augmented(picture, {}, 5, { ...to, crop }), prepared(picture, { ...to, crop }));
        }
      }
    }
  });
}

test("a flip mirrors every row, as often as asked for", () => {
  const picture = noise(16, 12, 3);
  const straight = prepared(picture, { ...base, cropFraction: 1 });
  const mirrored = straight.map((_, i) => {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    return straight[(pixel - (pixel % 16) + 15 - (pixel % 16)) * 3 + c]!;
  });
  let flips = 0;
  for (let seed = 0; seed < 400; seed++) {
    const got = augmented(picture, { horizontalFlip: 0.25 }, seed, { ...base, cropFraction: 1 });
    const flipped = got[0] === mirrored[0];
    assert.deepEqual(got, flipped ? mirrored : straight);
    if (flipped) flips++;
  }
  assert.ok(Math.abs(flips - 100) < 5 * Math.sqrt(400 * 0.25 * 0.75), `${flips} of 400`);
});

test("a grey picture gives the same whether it is stored in one channel or three", () => {
  const grey = noise(28, 28, 1);
  const data = Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => grey.data[Math.floor(i / 3)]!);
  const colour: Picture = { data, width: 28, height: 28, channels: 3 };
  for (let seed = 0; seed < 20; seed++) {
    const [a, b] = [augmented(grey, augmentations.standard, seed), augmented(colour, augmentations.standard, seed)];
    // Luma of equal parts is rounded.
    for (let i = 0; i < size; i++) assert.ok(Math.abs(a[i]! - b[i]!) < 1e-4, `seed ${seed}: ${a[i]} ${b[i]}`);
  }
});

test("erasing leaves a rectangle of the mean, of an area in range", () => {
  const to = { ...base, width: 40, height: 40, channels: 1, mean: [0], std: [1] } as const;
  const white: Picture = { data: new Uint8Array(40 * 40).fill(255), width: 40, height: 40, channels: 1 };
  const erasing = { probability: 0.5, scale: [0.1, 0.3], ratio: [0.5, 2] } as const;
  let erased = 0;
  for (let seed = 0; seed < 300; seed++) {
    const out = augmented(white, { randomErasing: erasing }, seed, to);
    const holes = [...out.keys()].filter((i) => out[i] === 0);
    if (holes.length === 0) continue;
    erased++;
    const [xs, ys] = [holes.map((i) => i % 40), holes.map((i) => Math.floor(i / 40))];
    const [w, h] = [Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1];
    assert.equal(w * h, holes.length);
    // Sides are rounded to whole pixels: by half a pixel each.
    assert.ok((w + 0.5) * (h + 0.5) >= 0.1 * 1600 && (w - 0.5) * (h - 0.5) <= 0.3 * 1600, `${w}x${h}`);
  }
  assert.ok(Math.abs(erased - 150) < 5 * Math.sqrt(75), `${erased} of 300`);
});

test("the same generator gives the same bits, another one others", () => {
  const picture = noise(50, 40, 3);
  for (const name of ["light", "standard"] as const) {
    const [a, again, other] = [3, 3, 4].map((seed) => augmented(picture, augmentations[name], seed));
    assert.deepEqual(a, again);
    assert.notDeepEqual(a, other);
    assert.ok(a!.every(Number.isFinite));
  }
});

test("settings are checked", () => {
  for (const settings of Object.values(augmentations)) checkAugmentation(settings);
  const wrong: unknown[] = [
    { rotate: 1 },
    { randomShift: 1 },
    { horizontalFlip: 2 },
    { randomResizedCrop: { scale: [0.5, 1.5], ratio: [1, 1] } },
    { randomResizedCrop: { scale: [1, 0.5], ratio: [1, 1] } },
    { randomErasing: { probability: 1, scale: [0.1, 0.2] } },
    { colorJitter: { brightness: -1 } },
    { mixup: 0 },
    { cutmix: Number.NaN },
  ];
  for (const settings of wrong) {
    assert.throws(() => checkAugmentation(settings as Augmentation), { name: "OptionError" }, JSON.stringify(settings));
  }
});
