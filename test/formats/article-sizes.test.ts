// The article's code run by real Keras, saved whole and as weights alone: at each size outputs are Keras' own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { load } from "../../packages/mobilenets/src/load.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";
import { readGolden, type Summary } from "../oracles/golden.ts";
import { seededPictures } from "../oracles/seeded.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly network: string;
    readonly options: ModelOptions;
    readonly files: readonly (readonly [name: string, bytes: number])[];
    readonly sizes: readonly { readonly inputShape: readonly [number, number, number]; readonly outputs: Summary }[];
  }[];
  /** Alphas at which the article's own V3-small fails. */
  readonly fails: readonly number[];
}

const { seed, cases, fails } = readGolden<Golden>("keras/article-sizes.json");

for (const { name, network, options, files, sizes } of cases) {
  const told = JSON.stringify(options);
  test(`${name} ${told} computes at each size what the article's code computes in Keras`, async () => {
    const packed = brotliDecompressSync(readFileSync(new URL(`../golden/keras/${name}.br`, import.meta.url)));
    let at = 0;
    const weightsAlone: Uint8Array[] = [];
    let whole: Uint8Array | undefined;
    for (const [file, bytes] of files) {
      const content = packed.subarray(at, at + bytes);
      at += bytes;
      if (file === "model.keras") whole = content;
      else if (/weights/.test(file)) weightsAlone.push(content);
    }
    assert.ok(whole && weightsAlone.length === 2);
    // Each size through a file of another kind; a file of weights is told the size, as it cannot say it.
    for (const [i, bytes] of [whole, ...weightsAlone].entries()) {
      const notes: string[] = [];
      const { inputShape, outputs } = sizes[i];
      const model = await load(bytes, { inputShape, warn: (note) => notes.push(note) });
      assert.equal(model.network, network);
      assert.deepEqual(notes, [], "nothing is guessed");
      assert.deepEqual(model.inputShape, [...inputShape] as Shape);
      const { data } = await model.predict(seededPictures([1, ...inputShape], -1, 1, seed));
      outputs.samples.forEach((expected, k) => {
        assert.ok(
          Math.abs(data[(k * 7919) % data.length] - expected) <= 1e-4,
          `${inputShape}: ${data} is not ${expected}`,
        );
      });
      model.dispose();
    }
  });
}

test("alphas at which the article's own V3-small fails are refused, and it is said", async () => {
  for (const alpha of fails) {
    const made = load("mobilenet_v3_small", { flavor: "article", alpha, weights: "random" });
    await assert.rejects(made, /the article's own code fails at this width too/, `alpha ${alpha}`);
  }
});
