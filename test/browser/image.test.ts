import assert from "node:assert/strict";
import { after, test } from "node:test";
import sharp from "sharp";
import { fittingOf } from "../../packages/mobilenets/src/image/fitting.ts";
import { preprocess } from "../../packages/mobilenets/src/image/preprocess.ts";
import type { Preprocessing } from "../../packages/mobilenets/src/image/preprocessing.ts";
import { toPicture } from "../../packages/mobilenets/src/image/source.ts";
import { openPage } from "./harness.ts";

const noise = Uint8Array.from({ length: 301 * 233 * 4 }, (_, i) => (i * 73 + ((i * i) % 1009) + (i >> 4) * 11) % 256);
const clear = sharp(noise, { raw: { width: 301, height: 233, channels: 4 } });
const opaque = clear.clone().removeAlpha();
const jpeg = await opaque.clone().blur(5).jpeg({ quality: 95 }).toBuffer();
const files = {
  "/noise.png": await opaque.clone().png().toBuffer(),
  "/noise.webp": await opaque.clone().webp({ lossless: true }).toBuffer(),
  "/grey.png": await opaque.clone().toColourspace("b-w").png().toBuffer(),
  "/clear.png": await clear.clone().png().toBuffer(),
  "/smooth.jpg": jpeg,
  "/rotated.jpg": await opaque.clone().blur(5).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
  "/half.jpg": jpeg.subarray(0, jpeg.length >> 1),
  "/text.jpg": Buffer.from("This is no photograph.\n"),
};

const page = await openPage<typeof import("./image.page.ts")>(new URL("./image.page.ts", import.meta.url), files);
after(() => page.close());

const base: Preprocessing = {
  height: 96,
  width: 128,
  channels: 3,
  crop: "center",
  cropFraction: 0.875,
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};

async function inNode(file: Uint8Array, preprocessing: Preprocessing): Promise<Float32Array> {
  const out = new Float32Array(preprocessing.height * preprocessing.width * preprocessing.channels);
  preprocess(await toPicture(file), preprocessing, out, 0, await fittingOf(preprocessing));
  return out;
}

test("the page is cross-origin isolated", async () => {
  assert.equal(await page.call("isolated"), true);
});

for (const name of ["/noise.png", "/noise.webp", "/grey.png"] as const) {
  for (const change of [
    {},
    { crop: "pad" },
    { crop: "squash", channels: 1, mean: [127.5], std: [127.5] },
    { resize: "pillow-bicubic" },
    { resize: "tensorflow-bilinear", crop: "squash" },
    { resize: "pillow-nearest", crop: "aspect", channels: 1, mean: [127.5], std: [127.5] },
  ] as const) {
    const preprocessing: Preprocessing = { ...base, ...change };
    const { crop, channels, resize = "mobilenets" } = preprocessing;
    test(`${name} gives the bits of Node, ${crop} to ${channels} channels by ${resize}`, async () => {
      const expected = await inNode(files[name], preprocessing);
      const results = Object.entries(await page.call("inputs", name, preprocessing));
      assert.equal(results.length, 9);
      for (const [source, got] of results) assert.deepEqual(got, expected, source);
    });
  }
}

for (const [name, bound] of [
  ["/clear.png", 1],
  ["/smooth.jpg", 1],
  ["/rotated.jpg", 1],
] as const) {
  test(`${name} decodes to Node's samples within ${bound}`, async () => {
    const node = await toPicture(files[name]);
    const browser = await page.call("decoded", name);
    assert.deepEqual([browser.width, browser.height, browser.channels], [node.width, node.height, 4]);
    let worst = 0;
    for (let i = 0; i < node.width * node.height; i++) {
      assert.equal(browser.data[i * 4 + 3], 255);
      for (let c = 0; c < 3; c++) {
        worst = Math.max(worst, Math.abs(browser.data[i * 4 + c]! - node.data[i * 3 + c]!));
      }
    }
    assert.ok(worst <= bound, `largest difference ${worst}`);
  });
}

test("a video gives its present frame", async () => {
  const { early, size, middle } = await page.call("videoFrame", 64, 48);
  assert.match(early, /^ImageError picture: a video without a frame yet: await its `loadeddata` event/);
  assert.deepEqual(size, [64, 48]);
  for (const [i, was] of [200, 100, 50, 255].entries()) assert.ok(Math.abs(middle[i]! - was) <= 8, `${middle}`);
});

test("errors", async () => {
  const failures = await page.call("failures", "/text.jpg", "/half.jpg");
  assert.match(failures.text, /^ImageError \/text\.jpg: cannot be decoded/);
  assert.match(failures.truncated, /^ImageError \/half\.jpg: cannot be decoded/);
  assert.match(failures.missing, /^ReadError \/missing\.png: HTTP status 404 Not Found/);
  assert.match(failures.image, /^ImageError picture: an image element that cannot be loaded or decoded/);
  assert.match(failures.canvas, /^ImageError picture: size 0x1/);
  await assert.rejects(page.call("decoded", "/noise.png", 70000), /301x233 pixels, expected at most 70000 in all/);
});
