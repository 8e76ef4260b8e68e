// A built file inside of a page: what only browsers decode, and what a policy forbids.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Model, toPicture } from "mobilenets";
import { buildGraph, initialise, selectEngine } from "mobilenets/graph";
import { buildStandalone } from "mobilenets/standalone";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { preprocessingOfGraph } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { launchChromium } from "./harness.ts";

const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], classes: 4 });
const model = new Model(
  {
    program: { graph, weights: initialise(graph, 3) },
    preprocessing: preprocessingOfGraph(graph),
    labels: ["</script>", "b", "c", "d"],
  },
  selectEngine("wasm", { threads: 1 }),
);
const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
const png = await sharp({ create: { width: 60, height: 40, channels: 3, background: "black", noise } })
  .png()
  .toBuffer();
const address = `data:image/png;base64,${png.toString("base64")}`;
const { files } = await buildStandalone(model);
const module = new TextDecoder().decode(files["classifier.js"]);

/** A page that is one file: the module's text, then its own. */
const page = (policy: string) => `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
<img src="${address}"><canvas width="60" height="40"></canvas><p></p>
<script type="module">
${module}
const [image, canvas, shown] = ["img", "canvas", "p"].map((name) => document.querySelector(name));
try {
  await image.decode();
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  const pixels = canvas.getContext("2d").getImageData(0, 0, 60, 40);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  shown.textContent = JSON.stringify(await classify([image, canvas, pixels, blob, bytes, await createImageBitmap(blob)]));
} catch (error) {
  shown.textContent = String(error);
}
</script>`;

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  model.dispose();
});

async function shown(policy: string): Promise<string> {
  const opened = await browser.newPage();
  await opened.setContent(page(policy));
  await opened.waitForFunction(() => document.querySelector("p")?.textContent !== "");
  return (await opened.textContent("p")) as string;
}

test("inside of a page, whatever the picture is given as", async () => {
  const answers = JSON.parse(await shown("script-src 'unsafe-inline' 'wasm-unsafe-eval'"));
  const expected = await model.classify(await toPicture(png));
  assert.equal(answers.length, 6);
  for (const answer of answers) {
    assert.deepEqual(
      answer.map(({ label }: { label: string }) => label),
      expected.map(({ label }) => label),
    );
    for (const [i, { probability }] of answer.entries()) {
      assert.ok(Math.abs(probability - expected[i].probability) < 1e-5);
    }
  }
});

test("a policy that forbids WebAssembly is told, with what it has to say", async () => {
  assert.match(await shown("script-src 'unsafe-inline'"), /^EngineError: .*script-src 'wasm-unsafe-eval'/);
});
