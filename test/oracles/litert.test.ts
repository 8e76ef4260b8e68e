import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "mobilenets";

interface Golden {
  readonly cases: readonly {
    readonly file: string;
    readonly image: string;
    readonly top5: readonly (readonly [index: number, logit: number])[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/litert-top5.json", import.meta.url), "utf8")) as Golden;
const fixtures = fileURLToPath(new URL("../../../shared/fixtures/", import.meta.url));
const skip = existsSync(fixtures) ? false : "the trained files and photographs of ../shared/fixtures are not here";

/** How far the 8 bits of each of some thirty layers move a logit, measured: at most 0.8 in these networks. */
const LOGIT_TOLERANCE = 1;

for (const file of new Set(golden.cases.map((one) => one.file))) {
  test(`${file} in float ranks classes as LiteRT does in 8 bits`, { skip }, async () => {
    const model = await load(`${fixtures}tflite/${file}`);
    try {
      for (const { image, top5 } of golden.cases.filter((one) => one.file === file)) {
        const ours = await model.classify(`${fixtures}images/${image}`, { topK: 50 });
        const rank = new Map(ours.map(({ index }, i) => [index, i]));
        const [[first, logit]] = top5;
        assert.equal(ours[0].index, first, image);
        const shared = top5.filter(([index]) => (rank.get(index) ?? 50) < 5).length;
        assert.ok(shared >= 4, `${image}: ${shared} of the five are LiteRT's`);
        // The softmax leaves differences of logits as they are.
        for (const [index, other] of top5) {
          const { probability } = ours[rank.get(index) ?? 0];
          const difference = Math.log(ours[0].probability / probability) - (logit - other);
          assert.ok(Math.abs(difference) < LOGIT_TOLERANCE, `${image}: class ${index} is off by ${difference}`);
        }
      }
    } finally {
      model.dispose();
    }
  });
}

// The owl is of no class of ImageNet; LiteRT takes it for a grouse too.
const labels: Readonly<Record<string, RegExp>> = {
  "cat_720p.jpg": /cat/,
  "grace_hopper.png": /^military uniform$/,
  "hot_dog.jpg": /hot dog/,
  "sunflower.png": /daisy/,
  "owl.jpg": /grouse/,
};

test("V2 of Google's 1,001 classes names what photographs show", { skip }, async () => {
  const model = await load(`${fixtures}tflite/mobilenet_v2_1.0_224_quant.tflite`);
  assert.equal(model.labelOf(0), "background");
  for (const [image, label] of Object.entries(labels)) {
    const [best] = await model.classify(`${fixtures}images/${image}`, { topK: 1 });
    assert.match(best.label, label, image);
  }
  model.dispose();
});
