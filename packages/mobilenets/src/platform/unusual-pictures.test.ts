import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { ImageError } from "../errors.ts";
import { random } from "../random.ts";
import { decode } from "./node.ts";
import { bmp } from "./unusual-pictures.ts";

// Files and Pillow's pixels, made by test/golden/make/pictures.py.
interface Golden {
  readonly beyond: string;
  readonly pictures: readonly {
    readonly name: string;
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly rgb: string;
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../../test/golden/pictures.json", import.meta.url), "utf8"),
);
const fileOf = (name: string) => {
  const found = golden.pictures.find((picture) => picture.name === name);
  assert.ok(found, name);
  return Buffer.from(found.file, "base64");
};

for (const { name, file, width, height, rgb } of golden.pictures) {
  test(`${name}: Pillow's pixels`, async () => {
    const got = await decode(Buffer.from(file, "base64"));
    assert.deepEqual([got.width, got.height], [width, height]);
    const expected = Buffer.from(rgb, "base64");
    // Builds of one codec may round HEIC colours differently.
    const tolerance = name.startsWith("HEIC") ? 2 : 0;
    for (let i = 0; i < expected.length; i++) {
      const sample = got.data[got.channels === 1 ? Math.floor(i / 3) : i]!;
      assert.ok(Math.abs(sample - expected[i]!) <= tolerance, `sample ${i} is ${sample}, expected ${expected[i]}`);
    }
  });
}

test("CMYK with a press' profile has the pixels of the same without", async () => {
  const flat = { create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 100, b: 50 } } } as const;
  const profiled = await sharp(flat).toColourspace("cmyk").withIccProfile("cmyk").jpeg({ quality: 95 }).toBuffer();
  assert.equal((await sharp(profiled).metadata()).hasProfile, true);
  // Profiles are in segments APP2.
  let bare = profiled;
  for (let at = 2; bare[at + 1] !== 0xda; ) {
    const end = at + 2 + bare.readUInt16BE(at + 2);
    if (bare[at + 1] === 0xe2) bare = Buffer.concat([bare.subarray(0, at), bare.subarray(end)]);
    else at = end;
  }
  assert.ok(bare.length < 2000 && profiled.length > 100_000);
  assert.deepEqual(await decode(profiled), await decode(bare));
});

test("CMYK with stray bytes before its frame", async () => {
  const jpeg = fileOf("CMYK with Adobe's marker");
  const table = jpeg.indexOf(Uint8Array.of(0xff, 0xdb));
  const stray = Buffer.concat([jpeg.subarray(0, table), Buffer.alloc(5, 1), jpeg.subarray(table)]);
  assert.deepEqual((await decode(stray)).data, (await decode(jpeg)).data);
});

for (const name of [
  "CMYK with Adobe's marker",
  "BMP, 24 bits",
  "BMP, run lengths",
  "HEIC",
  "TIFF, floats from 0 to 1",
]) {
  test(`${name}: cut short, too large`, async () => {
    const file = fileOf(name);
    await assert.rejects(decode(file.subarray(0, file.length >> 1)), ImageError);
    await assert.rejects(decode(file, { limitPixels: 100 }), /pixels, expected at most 100 in all/);
  });
}

test("floats beyond 0 to 255 are refused, for only their owner can scale them", async () => {
  await assert.rejects(
    decode(Buffer.from(golden.beyond, "base64")),
    /floating-point samples from .* to .*, expected 0 to 1, or 0 to 255: scale them first/,
  );
});

test("a TIFF of L*a*b* colours is refused, with what to do", async () => {
  const [little, big] = [false, true].map((isBig) => {
    const data = new DataView(new ArrayBuffer(160));
    const u16 = (at: number, n: number) => data.setUint16(at, n, !isBig);
    const u32 = (at: number, n: number) => data.setUint32(at, n, !isBig);
    u16(0, isBig ? 0x4d4d : 0x4949);
    u16(2, 42);
    u32(4, 8);
    // 1x1, 8 bits each, uncompressed, CIELab, its strip at 140, 3 samples, 1 row, 3 bytes.
    const entries = [
      [256, 3, 1, 1],
      [257, 3, 1, 1],
      [258, 3, 3, 128],
      [259, 3, 1, 1],
      [262, 3, 1, 8],
      [273, 4, 1, 140],
      [277, 3, 1, 3],
      [278, 3, 1, 1],
      [279, 4, 1, 3],
    ];
    u16(8, entries.length);
    entries.forEach(([tag, type, count, value], i) => {
      u16(10 + 12 * i, tag);
      u16(12 + 12 * i, type);
      u32(14 + 12 * i, count);
      if (type === 3 && count === 1) u16(18 + 12 * i, value);
      else u32(18 + 12 * i, value);
    });
    for (const at of [128, 130, 132]) u16(at, 8);
    return new Uint8Array(data.buffer);
  });
  for (const bytes of [little, big]) {
    await assert.rejects(decode(bytes), (error: ImageError) => {
      assert.equal(error.name, "ImageError");
      assert.match(error.message, /a TIFF of L\*a\*b\* colours, expected RGB, grey or CMYK: save it as RGB.*magick/);
      return true;
    });
    // A truncated file is not of this kind.
    await assert.rejects(decode(bytes.subarray(0, 20)), { name: "ImageError" });
  }
});

test("a small BMP that claims gigapixels is refused before memory is taken", async () => {
  const bmp = fileOf("BMP, run lengths");
  bmp.writeInt32LE(14_000, 18);
  bmp.writeInt32LE(14_000, 22);
  await assert.rejects(decode(bmp), /a BMP that cannot be decoded \(cut short\)/);
  bmp.writeInt32LE(2 ** 31 - 1, 18);
  await assert.rejects(decode(bmp), /expected at most 200000000 in all/);
  bmp.writeUInt16LE(5, 28);
  await assert.rejects(decode(bmp), /5 bits with compression 1/);
});

test("a broken BMP gives a picture or an ImageError, nothing else", () => {
  const next = random(7);
  const files = golden.pictures.filter(({ name }) => name.startsWith("BMP")).map(({ name }) => fileOf(name));
  let pictures = 0;
  for (let i = 0; i < 3000; i++) {
    const file = Buffer.from(files[i % files.length]!);
    // Most changes fall into the 54 bytes of the headers.
    for (let k = 0; k < 3; k++) file[Math.floor(next() ** 2 * file.length)] = Math.floor(next() * 256);
    try {
      const { data, width, height } = bmp(file, "fuzz.bmp", 1_000_000);
      assert.equal(data.length, width * height * 3);
      pictures++;
    } catch (error) {
      assert.ok(error instanceof ImageError, String(error));
    }
  }
  assert.ok(pictures > 300 && pictures < 2900, `${pictures}`);
});

test("without heic-decode, the error says what to install", () => {
  const hide = `export async function resolve(name, context, next) {
    if (name === "heic-decode") throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  }`;
  const script = `
    import { register } from "node:module";
    register("data:text/javascript,${encodeURIComponent(hide)}");
    const { decode } = await import(${JSON.stringify(new URL("./node.ts", import.meta.url).href)});
    const file = Buffer.from(${JSON.stringify(fileOf("HEIC").toString("base64"))}, "base64");
    console.log(await decode(file).catch((error) => error.name + ": " + error.message));`;
  const args = ["--import", "tsx", "--conditions", "source", "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL("../../../..", import.meta.url)),
    encoding: "utf8",
  });
  const expected =
    "ImageError: heic-decode: not installed: needed to decode HEIC pictures in Node: npm install heic-decode";
  assert.equal(stdout.trim(), expected, stderr);
});
