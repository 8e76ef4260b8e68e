import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type Model } from "mobilenets";
import { tensor } from "../../packages/mobilenets/src/tensor.ts";
import { readGolden } from "./golden.ts";
import { seededPictures } from "./seeded.ts";

interface Golden {
  /** Logits of PyTorch for a picture of seeded squares, of the published checkpoint and of what the package holds. */
  readonly cases: readonly { grain: number; float32: readonly number[]; shipped: readonly number[] }[];
}

const { cases, seed } = readGolden<Golden>("efficientnet-lite0.json");
const SIZE = 224;

async function logitsOf(model: Model, grain: number): Promise<Float32Array> {
  const side = SIZE / grain;
  const squares = seededPictures([1, side, side, 3], -1, 1, seed).data;
  const input = tensor([1, SIZE, SIZE, 3]);
  input.data.forEach((_, i) => {
    const pixel = Math.floor(i / 3);
    const [y, x] = [Math.floor(pixel / SIZE / grain), Math.floor((pixel % SIZE) / grain)];
    input.data[i] = squares[(y * side + x) * 3 + (i % 3)];
  });
  return (await model.predict(input)).data;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

for (const engine of ["reference", "wasm"] as const) {
  test(`the weights at hand give PyTorch's logits: ${engine}`, async () => {
    const model = await load("efficientnet_lite0", { engine, classifierActivation: null });
    for (const { grain, float32, shipped } of cases) {
      const logits = await logitsOf(model, grain);
      assert.equal(logits.length, shipped.length);
      logits.forEach((value, i) => {
        const error = Math.abs(value - shipped[i]);
        assert.ok(error <= 1e-4, `grain ${grain}, class ${i}: ${value}, expected ${shipped[i]}`);
      });
      const similarity = cosine(logits, float32);
      assert.ok(similarity >= 0.9999, `grain ${grain}: cosine ${similarity} to the float32 checkpoint`);
    }
    model.dispose();
  });
}
