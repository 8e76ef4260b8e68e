import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import sharp, { type JpegOptions } from "sharp";
import { random } from "../../random.ts";
import type { Picture } from "../picture.ts";
import { JpegDecoder } from "./decode.ts";
import { parseJpeg } from "./parse.ts";

let decoder: JpegDecoder;
before(async () => {
  decoder = await JpegDecoder.create();
});

const photographs = new URL("../../../../../examples/photographs/", import.meta.url);
const names = readdirSync(photographs).filter((name) => name.endsWith(".jpg"));
/** Files made by test/golden/make/jpeg.py. */
const files: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("../../../../../test/golden/jpeg.json", import.meta.url), "utf8"),
);
const reductions = [2, 4, 8] as const;

/** A photograph compressed as cameras do; the files themselves are progressive. */
async function photograph(name: string): Promise<Buffer> {
  return sharp(readFileSync(new URL(name, photographs)))
    .jpeg({ quality: 90 })
    .toBuffer();
}

function reduced(bytes: Uint8Array, reduction: 2 | 4 | 8): Picture | undefined {
  const jpeg = parseJpeg(bytes);
  return jpeg && decoder.decode(bytes, jpeg, reduction);
}

interface Whole {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The upright picture as libjpeg decodes it. */
async function whole(bytes: Uint8Array): Promise<Whole> {
  const image = sharp(bytes).rotate().toColourspace("srgb").raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Means over squares of samples; squares at the right and lower edge may be smaller. */
function means({ data, width, height }: Whole, by: number): number[] {
  const out: number[] = [];
  for (let y = 0; y < height; y += by) {
    for (let x = 0; x < width; x += by) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        let count = 0;
        for (let j = y; j < Math.min(height, y + by); j++) {
          for (let i = x; i < Math.min(width, x + by); i++, count++) sum += data[3 * (j * width + i) + c]!;
        }
        out.push(sum / count);
      }
    }
  }
  return out;
}

/** @returns mean and largest difference of samples */
async function differences(bytes: Uint8Array, reduction: 2 | 4 | 8): Promise<{ mean: number; most: number }> {
  const got = reduced(bytes, reduction)!;
  const all = await whole(bytes);
  const size = [Math.ceil(all.width / reduction), Math.ceil(all.height / reduction)];
  assert.deepEqual([got.width, got.height, got.channels], [...size, 3]);
  const expected = means(all, reduction);
  assert.equal(got.data.length, expected.length);
  const apart = expected.map((mean, i) => Math.abs(mean - got.data[i]!));
  return { mean: apart.reduce((a, b) => a + b) / apart.length, most: apart.reduce((a, b) => Math.max(a, b)) };
}

/** A smooth picture, without details finer than a reduction keeps. */
async function smooth(options: JpegOptions, width = 203, height = 117, channels: 1 | 3 = 3): Promise<Buffer> {
  const data = Buffer.alloc(width * height * channels);
  for (let i = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, i++) {
        data[i] = Math.round(128 + 90 * Math.sin(x / (50 + 9 * c) + c) * Math.cos(y / (40 + 11 * c)));
      }
    }
  }
  const image = sharp(data, { raw: { width, height, channels } });
  return (channels === 1 ? image.toColourspace("b-w") : image).jpeg({ quality: 100, ...options }).toBuffer();
}

for (const [title, options, channels] of [
  ["4:2:0", { chromaSubsampling: "4:2:0" }, 3],
  ["4:4:4", { chromaSubsampling: "4:4:4" }, 3],
  ["grey", {}, 1],
] as const) {
  test(`${title}: what is smooth is the mean of libjpeg's pixels`, async () => {
    const bytes = await smooth(options, 203, 117, channels);
    for (const reduction of reductions) {
      const { mean, most } = await differences(bytes, reduction);
      assert.ok(mean < 0.6 && most <= (reduction === 8 ? 4 : 3), `1/${reduction}: ${mean}, at most ${most}`);
    }
  });
}

test("photographs are libjpeg's but for what is finer", async () => {
  for (const name of names.slice(0, 6)) {
    const bytes = await photograph(name);
    for (const reduction of reductions) {
      const { mean } = await differences(bytes, reduction);
      assert.ok(mean < 3, `${name}, 1/${reduction}: ${mean}`);
    }
  }
});

for (const [name, text] of Object.entries(files)) {
  const bytes = Buffer.from(text, "base64");
  if (name === "progressive") {
    test("a progressive file is left to others", () => {
      assert.equal(parseJpeg(bytes), undefined);
    });
    continue;
  }
  test(`${name}: libjpeg's pixels, as far as they are kept`, async () => {
    for (const reduction of reductions) {
      const { mean } = await differences(bytes, reduction);
      assert.ok(mean < 6, `1/${reduction}: ${mean}`);
    }
  });
}

test("chroma of half the rows", async () => {
  // For a square of whole MCUs, swapping the factors gives another picture with the same number of blocks.
  const bytes = Buffer.from(files["4:2:2, square"]!, "base64");
  const frame = bytes.indexOf(Uint8Array.of(0xff, 0xc0));
  assert.equal(bytes[frame + 11], 0x21);
  bytes[frame + 11] = 0x12;
  for (const reduction of reductions) {
    const { mean } = await differences(bytes, reduction);
    assert.ok(mean < 6, `1/${reduction}: ${mean}`);
  }
});

test("sizes of one pixel, and of a pixel more or less than blocks", async () => {
  for (const [width, height] of [
    [1, 1],
    [8, 8],
    [9, 7],
    [16, 17],
    [33, 31],
  ] as const) {
    for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
      const bytes = await smooth({ chromaSubsampling }, width, height);
      // Encoders fill blocks beyond the edges as they like.
      for (const reduction of reductions) assert.ok((await differences(bytes, reduction)).mean < 3);
    }
  }
});

test("a file that is cut short, or goes on with something else, is left to others", async () => {
  const bytes = await photograph(names[0]!);
  assert.ok(reduced(bytes, 2));
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.999]) {
    assert.equal(reduced(bytes.subarray(0, Math.floor(bytes.length * share)), 2), undefined, String(share));
  }
  assert.equal(reduced(bytes.subarray(0, bytes.length - 2), 2), undefined);
  const inTheMiddle = Buffer.from(bytes);
  inTheMiddle.fill(Uint8Array.of(0xff, 0xd3), bytes.length >> 1, (bytes.length >> 1) + 2);
  assert.equal(reduced(inTheMiddle, 2), undefined);
  assert.ok(reduced(bytes, 2), "the decoder is as it was");
});

test("broken files give a picture of their size, or nothing", () => {
  const next = random(11);
  let pictures = 0;
  const all = Object.values(files).map((text) => Buffer.from(text, "base64"));
  for (let i = 0; i < 1500; i++) {
    const bytes = Buffer.from(all[i % all.length]!);
    for (let k = 0; k < 3; k++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
    const jpeg = parseJpeg(bytes);
    if (jpeg === undefined || jpeg.width * jpeg.height > 1e6) continue;
    const picture = decoder.decode(bytes, jpeg, reductions[i % 3]!);
    if (picture === undefined) continue;
    assert.equal(picture.data.length, picture.width * picture.height * 3);
    pictures++;
  }
  assert.ok(pictures > 100 && pictures < 1400, `${pictures}`);
});
