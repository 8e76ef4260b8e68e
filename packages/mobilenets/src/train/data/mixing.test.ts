import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../random.ts";
import { beta, cutmix, mix, mixup } from "./mixing.ts";

const size = { height: 6, width: 8, channels: 3 } as const;
const imageSize = 6 * 8 * 3;

/** All pixels of image i are i + 1; its target is class i. */
function batch(count: number) {
  const images = Float32Array.from({ length: count * imageSize }, (_, k) => 1 + Math.floor(k / imageSize));
  const targets = Float32Array.from({ length: count * count }, (_, k) => (k % (count + 1) === 0 ? 1 : 0));
  return { images, targets, size: count };
}

test("mixup blends images and targets of partners by the same share", () => {
  const mixed = batch(3);
  mixup(mixed, 0.75);
  const expected = [0.75 * 1 + 0.25 * 3, 2, 0.75 * 3 + 0.25 * 1];
  assert.deepEqual(
    mixed.images,
    Float32Array.from({ length: 3 * imageSize }, (_, k) => expected[Math.floor(k / imageSize)]!),
  );
  assert.deepEqual(mixed.targets, Float32Array.of(0.75, 0, 0.25, 0, 1, 0, 0.25, 0, 0.75));
});

test("cutmix swaps one rectangle between partners, and targets by its share", () => {
  const next = random(4);
  const areas = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const mixed = batch(4);
    cutmix(mixed, size, next(), next);
    const foreign = Array.from({ length: 48 }, (_, p) => p).filter((p) => mixed.images[p * 3] !== 1);
    const [xs, ys] = [foreign.map((p) => p % 8), foreign.map((p) => Math.floor(p / 8))];
    const area =
      foreign.length === 0 ? 0 : (Math.max(...xs) - Math.min(...xs) + 1) * (Math.max(...ys) - Math.min(...ys) + 1);
    assert.equal(foreign.length, area, "not a rectangle");
    areas.add(area);
    for (let i = 0; i < 4; i++) {
      for (let k = 0; k < imageSize; k++) {
        const own = !foreign.includes(Math.floor(k / 3));
        assert.equal(mixed.images[i * imageSize + k], own ? i + 1 : 4 - i);
      }
      for (let c = 0; c < 4; c++) {
        const share = c === i ? 1 - area / 48 : c === 3 - i ? area / 48 : 0;
        assert.ok(Math.abs(mixed.targets[i * 4 + c]! - share) < 1e-6);
      }
    }
  }
  assert.ok(areas.size > 10, `only ${areas.size} areas`);
});

test("beta has the mean and variance of Beta(a, a)", () => {
  for (const a of [0.2, 1, 2]) {
    const next = random(9);
    const draws = Array.from({ length: 20_000 }, () => beta(a, next));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / draws.length;
    const expected = 1 / (4 * (2 * a + 1));
    assert.ok(Math.abs(mean - 0.5) < 5 * Math.sqrt(expected / draws.length), `mean ${mean}`);
    // The variance of (x - 1/2)^2 is below that of a coin, expected / 4.
    assert.ok(Math.abs(variance - expected) < 5 * Math.sqrt(expected / 4 / draws.length), `variance ${variance}`);
  }
});

test("without mixup and cutmix a batch stays as it is; with both, either happens", () => {
  const same = batch(4);
  mix(same, size, { horizontalFlip: 1 }, random(1));
  assert.deepEqual(same, batch(4));
  const kinds = new Set<boolean>();
  for (let seed = 0; seed < 20; seed++) {
    const mixed = batch(2);
    mix(mixed, size, { mixup: 1, cutmix: 1 }, random(seed));
    kinds.add(mixed.images.every(Number.isInteger));
  }
  assert.equal(kinds.size, 2);
});
