import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, toPicture } from "mobilenets";
import { cosine } from "mobilenets/search";
import sharp from "sharp";
import { decodeReduced, readHeader, recycle, reductionFor } from "./reduced.ts";

const photographs = ["barn.jpg", "cat.jpg", "espresso.jpg", "sheep.jpg"].map((name) =>
  readFileSync(new URL(`../../../../../examples/photographs/${name}`, import.meta.url)),
);
const to = { height: 224, width: 224, channels: 3, crop: "center", cropFraction: 0.875 } as const;
const preprocessing = { ...to, mean: [127, 127, 127], std: [128, 128, 128] };

/** A photograph whose central crop has `pixels` pixels per input pixel, along each side. */
function jpeg(photograph: Uint8Array, pixels: number, progressive = false): Promise<Buffer> {
  const size = Math.ceil((pixels * 224) / 0.875);
  return sharp(photograph).resize(size, size, { fit: "outside" }).jpeg({ quality: 92, progressive }).toBuffer();
}

test("what is left after a reduction gives the features of the whole picture, whoever decodes it", async () => {
  const model = await load(undefined, { threads: 1 });
  for (const photograph of photographs) {
    for (const [reduction, left, least, progressive] of [
      [2, 1.16, 0.995, false],
      [2, 1.51, 0.999, false],
      [4, 1.16, 0.995, false],
      [3, 1.41, 0.995, true],
    ] as const) {
      const bytes = await jpeg(photograph, reduction * left, progressive);
      const header = await readHeader(bytes);
      assert.equal(reductionFor(header, preprocessing), reduction);
      const picture = await decodeReduced(bytes, header, reduction);
      const size = (side: number) => Math.ceil(side / reduction);
      assert.deepEqual([picture.width, picture.height], [size(header.width), size(header.height)]);
      const [some, all] = [await model.embed(picture), await model.embed(await toPicture(bytes))];
      const alike = cosine(some, all);
      assert.ok(alike >= least, `1/${reduction}, ${left} pixels left: ${alike}`);
    }
  }
  model.dispose();
});

test("pictures are reduced as far as enough is left, and nothing but JPEG", () => {
  const reduced = (width: number, height: number, change = {}, usual?: true) =>
    reductionFor({ format: "jpeg", usual, width, height }, { ...preprocessing, ...change });
  // The shorter side needs 1.15 * 224 / 0.875 = 294.4 pixels; where sharp filters, 358.4.
  assert.deepEqual(
    [588, 589, 1177, 1178, 2355, 2356, 10_000].map((side) => reduced(side + 100, side, {}, true)),
    [1, 2, 2, 4, 4, 8, 8],
  );
  assert.deepEqual(
    [1075, 1076, 1791, 1792, 3225, 3226].map((side) => reduced(side + 100, side)),
    [1, 3, 3, 5, 5, 9],
  );
  assert.equal(reduced(2000, 300, { crop: "pad" }, true), 4);
  assert.equal(reduced(2000, 300, { crop: "squash" }, true), 1);
  assert.equal(reductionFor({ format: "png", width: 4000, height: 4000 }, preprocessing), 1);
});

test("headers without a decoder are those of sharp, turned upright", async () => {
  for (const orientation of [1, 6]) {
    for (const progressive of [false, true]) {
      const image = sharp({ create: { width: 60, height: 40, channels: 3, background: "red" } });
      const bytes = await image.withMetadata({ orientation }).jpeg({ progressive }).toBuffer();
      const [width, height] = orientation === 6 ? [40, 60] : [60, 40];
      const usual = progressive ? {} : { usual: true };
      assert.deepEqual(await readHeader(bytes), { format: "jpeg", ...usual, width, height });
      const picture = await decodeReduced(bytes, await readHeader(bytes), 4);
      assert.deepEqual([picture.width, picture.height], [width / 4, height / 4]);
      for (let i = 0; i < picture.data.length; i++) assert.ok(Math.abs(picture.data[i] - (i % 3 === 0 ? 255 : 0)) < 4);
    }
  }
  assert.deepEqual(await readHeader(new Uint8Array(0)), { width: 0, height: 0 });
});

test("a picture keeps its samples until its memory is given back", async () => {
  const files = await Promise.all([2.4, 2.4, 2.9].map((pixels, i) => jpeg(photographs[i]!, pixels)));
  const decode = async (bytes: Uint8Array) => decodeReduced(bytes, await readHeader(bytes), 2);
  const [a, b] = [await decode(files[0]!), await decode(files[1]!)];
  const [copyOfA, copyOfB] = [a.data.slice(), b.data.slice()];
  assert.deepEqual([a.data, b.data], [copyOfA, copyOfB]);
  recycle(a);
  // The second call changes nothing.
  recycle(a);
  const c = await decode(files[2]!);
  const again = await decode(files[0]!);
  assert.deepEqual([again.data, b.data], [copyOfA, copyOfB]);
  assert.notEqual(c.data.buffer, again.data.buffer);
});
