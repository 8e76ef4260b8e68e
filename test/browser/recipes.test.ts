// The recipes for pages, in Chromium: a React hook, and a Web Component.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "mobilenets";
import { shippedWeights } from "mobilenets/weights";
import { bundle, openPage } from "./harness.ts";

const photograph = (name: string) => new URL(`../../examples/photographs/${name}.jpg`, import.meta.url);
const weights = shippedWeights["fashion-mnist"];
const page = await openPage<typeof import("./recipes.page.ts")>(new URL("./recipes.page.ts", import.meta.url), {
  "/weights.safetensors": await readFile(fileURLToPath(weights)),
  "/cat.jpg": await readFile(photograph("cat")),
  "/rocket.jpg": await readFile(photograph("rocket")),
  "/model-thread.js": await bundle(new URL("../../packages/mobilenets/src/platform/model-thread.ts", import.meta.url)),
});
after(() => page.close());

const model = await load(weights);
const answers = await model.classify([photograph("cat"), photograph("rocket")], { topK: 2 });
model.dispose();
const labels = answers.map((predictions) => predictions.map(({ label }) => label));
const pictures = ["/cat.jpg", "/rocket.jpg"];

test("the hook gives the classes of one picture after the other, and the error of weights that are not there", async () => {
  assert.notDeepEqual(labels[0], labels[1]);
  assert.deepEqual(await page.call("hook", "/weights.safetensors", pictures), [
    ...labels.map((best) => best.join()),
    "ReadError",
  ]);
});

test("the element shows them, says them, and says what fails", async () => {
  const { texts, events } = await page.call("element", "/weights.safetensors", pictures);
  assert.deepEqual(events, [labels[0][0], labels[1][0], "ImageError"]);
  texts.slice(0, 2).forEach((text, i) => {
    assert.match(text ?? "", new RegExp(`^${labels[i][0]}, \\d+ %,${labels[i][1]}, \\d+ %$`));
  });
  assert.equal(texts[2], "");
});
