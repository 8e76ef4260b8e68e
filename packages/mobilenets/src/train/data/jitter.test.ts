import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../random.ts";
import { jitter, randomFactors } from "./jitter.ts";

const colours = [200, 100, 50, 10, 20, 30];

function jittered(samples: readonly number[], channels: 1 | 3, factors: Partial<Parameters<typeof jitter>[3]>) {
  const data = Float32Array.from(samples);
  jitter(data, data.length, channels, { brightness: 1, contrast: 1, saturation: 1, ...factors });
  return data;
}

function assertClose(got: Float32Array, expected: readonly number[]): void {
  assert.equal(got.length, expected.length);
  for (const [i, x] of expected.entries()) assert.ok(Math.abs(got[i]! - x) < 1e-4, `${got} instead of ${expected}`);
}

test("factors of 1 change nothing", () => assertClose(jittered(colours, 3, {}), colours));

test("brightness multiplies and is cut off at white", () => {
  assertClose(jittered(colours, 3, { brightness: 1.5 }), [255, 150, 75, 15, 30, 45]);
});

test("contrast scales the distance to the mean luma", () => {
  // Lumas 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2 and 18.15; their mean is 71.175.
  assertClose(
    jittered(colours, 3, { contrast: 0.5 }),
    colours.map((x) => 0.5 * x + 0.5 * 71.175),
  );
  assertClose(jittered([0, 100], 1, { contrast: 2 }), [0, 150]);
});

test("saturation scales the distance to the pixel's luma", () => {
  assertClose(jittered(colours, 3, { saturation: 0 }), [124.2, 124.2, 124.2, 18.15, 18.15, 18.15]);
  assertClose(jittered([7, 9], 1, { saturation: 0 }), [7, 9]);
});

test("brightness comes before contrast", () => {
  assertClose(jittered([50, 100], 1, { brightness: 2, contrast: 0.5 }), [125, 175]);
});

test("factors are drawn from 1 - x to 1 + x, not below 0", () => {
  const next = random(3);
  const draws = Array.from({ length: 2000 }, () => randomFactors({ brightness: 0.3, contrast: 2 }, next));
  const range = (of: (f: (typeof draws)[0]) => number) => [Math.min(...draws.map(of)), Math.max(...draws.map(of))];
  const [low, high] = range((f) => f.brightness);
  assert.ok(low! >= 0.7 && low! < 0.71 && high! <= 1.3 && high! > 1.29, `${low} ${high}`);
  const [least, most] = range((f) => f.contrast);
  assert.ok(least! >= 0 && least! < 0.02 && most! > 2.98, `${least} ${most}`);
  assert.deepEqual(
    range((f) => f.saturation),
    [1, 1],
  );
});
