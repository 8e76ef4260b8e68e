// Writes test/golden/teachable-machine/expected.json: what `@teachablemachine/image` 0.8.5 and ml5 1.4.0 say of pictures, in
// Chromium, with the model beside it. The model is an export of Teachable Machine's form with random weights.
// Its last kernel is multiplied by 400, as random weights tell classes apart by some ten-thousandths.
//   npm install --no-save --ignore-scripts --prefix /tmp/ml5 ml5@1.4.0 @teachablemachine/image@0.8.5 --legacy-peer-deps
//   node --import tsx --conditions source test/golden/make/teachable_machine.ts /tmp/ml5 ../shared/fixtures/cases/tm_export
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../../browser/harness.ts";
import { SIZES, waves } from "../../compat/pictures.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const golden = join(root, "test/golden/teachable-machine");
const [, , installed, exported] = process.argv;
for (const name of ["model.json", "metadata.json"]) copyFileSync(join(exported, name), join(golden, name));
const weights = readFileSync(join(exported, "weights.bin"));
// dense_Dense2/kernel: 100 by 3 numbers behind 2,180 others.
for (let at = 4 * 2180; at < 4 * 2480; at += 4) weights.writeFloatLE(weights.readFloatLE(at) * 400, at);
writeFileSync(join(golden, "weights.bin"), weights);
const scripts: Record<string, string> = {
  "/ml5.js": join(installed, "node_modules/ml5/dist/ml5.min.js"),
  "/tf.js": join(root, "test/peers/node_modules/@tensorflow/tfjs/dist/tf.min.js"),
  "/tm.js": join(installed, "node_modules/@teachablemachine/image/dist/teachablemachine-image.min.js"),
};

/** ml5 gives every model 224 pixels a side. */
function widened(name: string): string | Buffer {
  const content = readFileSync(join(golden, name));
  return name === "model.json" ? `${content}`.replace("[null,96,96,3]", "[null,224,224,3]") : content;
}

const server = createServer((request, response) => {
  const path = request.url ?? "/";
  if (path.endsWith(".html")) {
    const list = path === "/ml5.html" ? ["/ml5.js"] : ["/tf.js", "/tm.js"];
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html>${list.map((src) => `<script src="${src}"></script>`).join("")}`);
  } else if (scripts[path]) response.end(readFileSync(scripts[path]));
  else if (path.startsWith("/model/")) response.end(readFileSync(join(golden, path.slice("/model/".length))));
  else if (path.startsWith("/model-224/")) response.end(widened(path.slice("/model-224/".length)));
  else response.writeHead(404).end();
});
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await launchChromium();

interface Shown {
  readonly width: number;
  readonly height: number;
  readonly rgb: number[];
}
const pictures: Shown[] = SIZES.map(([width, height]) => ({ width, height, rgb: [...waves(width, height).data] }));

/** A page whose functions may have names, which the loader of TypeScript keeps by a helper. */
async function open(path: string) {
  const page = await browser.newPage();
  await page.addInitScript("globalThis.__name = (f) => f");
  await page.goto(`${origin}${path}`);
  return page;
}

const teachable = await open("/tm.html");
const image = await teachable.evaluate(
  async ({ pictures, origin }) => {
    // biome-ignore lint/suspicious/noExplicitAny: globals of scripts
    const { tf, tmImage } = globalThis as any;
    await tf.setBackend("cpu");
    const model = await tmImage.load(`${origin}/model/model.json`, `${origin}/model/metadata.json`);
    const results = [];
    for (const { width, height, rgb } of pictures) {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width, height });
      const data = new Uint8ClampedArray(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]));
      canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
      const of = async (flip: boolean) =>
        (await model.predict(canvas, flip)).map(({ probability }: { probability: number }) => probability);
      results.push({ plain: await of(false), flipped: await of(true), best: await model.predictTopK(canvas, 2) });
    }
    return { labels: model.getClassLabels(), total: model.getTotalClasses(), results };
  },
  { pictures, origin },
);

const ml5Page = await open("/ml5.html");
const ml5 = await ml5Page.evaluate(
  async ({ pictures, origin }) => {
    // biome-ignore lint/suspicious/noExplicitAny: globals of scripts
    const { ml5 } = globalThis as any;
    await ml5.tf.setBackend("cpu");
    const classifier = await ml5.imageClassifier(`${origin}/model-224/`);
    const results = [];
    for (const { width, height, rgb } of pictures) {
      const data = new Uint8ClampedArray(width * height * 4).map((_, i) =>
        i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)],
      );
      results.push(await classifier.classify(new ImageData(data, width, height)));
    }
    return { version: ml5.version, results };
  },
  { pictures, origin },
);
console.log(JSON.stringify({ image, ml5 }, null, 1).slice(0, 3000));
await browser.close();
server.close();
writeFileSync(join(golden, "expected.json"), `${JSON.stringify({ image, ml5 }, null, 1)}\n`);
