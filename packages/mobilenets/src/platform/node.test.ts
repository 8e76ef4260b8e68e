import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { deflateSync, gzipSync } from "node:zlib";
import sharp from "sharp";
import { ImageError, OptionError } from "../errors.ts";
import { toPicture } from "../image/source.ts";
import { decode, readBytes } from "./node.ts";
import { ReadError } from "./platform.ts";

const folder = mkdtempSync(join(tmpdir(), "mobilenets-decode-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function raw(samples: readonly number[], width: number, channels: 1 | 2 | 3 | 4) {
  const height = samples.length / width / channels;
  return sharp(Uint8Array.from(samples), { raw: { width, height, channels } });
}

/** One flat colour of 40 x 24 pixels. */
function flat(r: number, g: number, b: number) {
  return sharp({ create: { width: 40, height: 24, channels: 3, background: { r, g, b } } });
}

async function pixels(source: Parameters<typeof decode>[0]): Promise<number[]> {
  const { data, width, height, channels } = await decode(source);
  assert.equal(data.length, width * height * channels);
  assert.equal(channels, 3);
  return [...data];
}

async function refused(source: Promise<unknown>, type: new (...a: never[]) => Error, ...messages: RegExp[]) {
  await assert.rejects(source, (error: Error) => {
    assert.ok(error instanceof type, `${error}`);
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

const RGB = [10, 20, 30, 200, 100, 50, 0, 0, 0, 255, 255, 255, 1, 2, 3, 90, 80, 70];

test("a PNG's samples come out as they went in, from a path, bytes, an ArrayBuffer, a Blob and a data URL", async () => {
  const png = await raw(RGB, 3, 3).png().toBuffer();
  const path = file("a.png", png);
  const bytes = Uint8Array.from(png);
  const url = `data:image/png;base64,${png.toString("base64")}`;
  for (const source of [path, pathToFileURL(path).href, bytes, bytes.buffer, new Blob([bytes]), url]) {
    assert.deepEqual(await pixels(source), RGB);
  }
  assert.deepEqual(await toPicture(path), { data: Uint8Array.from(RGB), width: 3, height: 2, channels: 3 });
});

test("a 1x1 PNG", async () => {
  assert.deepEqual(await pixels(await raw([5, 6, 7], 1, 3).png().toBuffer()), [5, 6, 7]);
});

test("EXIF orientation is applied", async () => {
  // The first row of the file is the right-hand column of the upright picture: orientation 6 turns it clockwise.
  const png = await raw(RGB, 3, 3).withMetadata({ orientation: 6 }).png().toBuffer();
  const { width, height, data } = await decode(png);
  assert.deepEqual([width, height], [2, 3]);
  const at = (i: number) => RGB.slice(i * 3, i * 3 + 3);
  assert.deepEqual([...data], [at(3), at(0), at(4), at(1), at(5), at(2)].flat());
  const jpeg = await flat(9, 9, 9).withMetadata({ orientation: 8 }).jpeg().toBuffer();
  const rotated = await decode(jpeg);
  assert.deepEqual([rotated.width, rotated.height], [24, 40]);
});

test("grey becomes RGB, 16 bits become 8, alpha is flattened on white", async () => {
  const grey = await raw([0, 128, 255], 3, 1).toColourspace("b-w").png().toBuffer();
  assert.equal((await sharp(grey).metadata()).channels, 1);
  assert.deepEqual(await pixels(grey), [0, 0, 0, 128, 128, 128, 255, 255, 255]);

  const wide = Uint16Array.of(0, 65535, 32768, 257, 514, 25700);
  const deep = await sharp(wide, { raw: { width: 2, height: 1, channels: 3 } })
    .toColourspace("rgb16")
    .png()
    .toBuffer();
  assert.equal((await sharp(deep).metadata()).depth, "ushort");
  assert.deepEqual(await pixels(deep), [0, 255, 128, 1, 2, 100]);

  const clear = await raw([0, 0, 0, 0, 7, 8, 9, 255, 100, 200, 0, 51], 3, 4).png().toBuffer();
  assert.deepEqual(await pixels(clear), [255, 255, 255, 7, 8, 9, 224, 244, 204]);
  const greyClear = await raw([50, 0, 50, 255, 100, 51], 3, 2).png().toBuffer();
  assert.deepEqual(await pixels(greyClear), [255, 255, 255, 50, 50, 50, 224, 224, 224]);
});

test("what is a program rather than pixels is refused by its content, under any name", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const programs: Record<string, Uint8Array | string> = {
    "a.svg": svg,
    "a.jpg": svg,
    "b.png": `\ufeff  <?xml version="1.0"?>\n<!-- ${"x".repeat(5000)} -->${svg}`,
    "c.jpg": gzipSync(svg),
    "d.jpg": "%PDF-1.7\n1 0 obj\n",
    "e.jpg": "%!PS-Adobe-3.0 EPSF-3.0\n",
    "f.jpg": "push graphic-context\nviewbox 0 0 640 480\n",
    "g.jpg": "P6 1 1 255\n\u0001\u0002\u0003",
  };
  for (const [name, content] of Object.entries(programs)) {
    const bytes = Buffer.from(content);
    for (const source of [file(name, bytes), bytes, `data:image/png;base64,${bytes.toString("base64")}`]) {
      await refused(toPicture(source), ImageError, /content of an unknown format, expected JPEG, PNG/);
    }
  }
});

test("CMYK becomes sRGB", async () => {
  const cmyk = await flat(200, 100, 50).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
  assert.equal((await sharp(cmyk).metadata()).space, "cmyk");
  const [r, g, b] = await pixels(cmyk);
  // Conversion through a printer's profile is not exact, but gives nearly that orange.
  for (const [got, was] of [
    [r, 200],
    [g, 100],
    [b, 50],
  ] as const)
    assert.ok(Math.abs(got! - was) < 40, `${r} ${g} ${b}`);
});

for (const format of ["jpeg", "webp", "avif", "tiff", "gif"] as const) {
  test(`${format} decodes`, async () => {
    const picture = await decode(await flat(180, 90, 30).toFormat(format, { quality: 95 }).toBuffer());
    assert.deepEqual([picture.width, picture.height, picture.channels], [40, 24, 3]);
    const middle = [...picture.data.subarray(12 * 120 + 60, 12 * 120 + 63)];
    for (const [i, was] of [180, 90, 30].entries()) assert.ok(Math.abs(middle[i]! - was) <= 4, `${middle}`);
  });
}

test("an animated GIF gives its first frame", async () => {
  const frames = await Promise.all([flat(255, 0, 0), flat(0, 0, 255)].map((frame) => frame.png().toBuffer()));
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  assert.equal((await sharp(gif).metadata()).pages, 2);
  const { data, width, height } = await decode(gif);
  assert.deepEqual([width, height, ...data.subarray(0, 3)], [40, 24, 255, 0, 0]);
});

test("truncated files are refused, by name", async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31 + i * 7) % 256);
  for (const format of ["jpeg", "png", "gif", "webp", "avif", "tiff"] as const) {
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    const path = file(`half.${format}`, whole.subarray(0, whole.length >> 1));
    // A TIFF has its directory at the end, so half a file is not recognised.
    const message = format === "tiff" ? "content of an unknown format" : ".*damaged or cut short";
    await refused(decode(path), ImageError, new RegExp(`half\\.${format}: ${message}`));
  }
});

test("what decoders only warn of is accepted", async () => {
  const jpeg = await flat(60, 70, 80).jpeg().toBuffer();
  const table = jpeg.indexOf(Uint8Array.of(0xff, 0xdb));
  const stray = Buffer.concat([jpeg.subarray(0, table), Buffer.alloc(5, 1), jpeg.subarray(table)]);
  const tail = Buffer.concat([jpeg, Buffer.alloc(99, 65)]);
  const expected = await pixels(jpeg);
  assert.deepEqual(await pixels(stray), expected);
  assert.deepEqual(await pixels(tail), expected);
});

test("what is no picture is refused", async () => {
  const known = /expected JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, or HEIC with the package heic-decode/;
  await refused(
    decode(file("text.jpg", "This is no photograph.\n")),
    ImageError,
    /text\.jpg: content of an unknown/,
    known,
  );
  await refused(decode(file("empty.png", "")), ImageError, /empty\.png: an empty file/, known);
  await refused(decode(new Blob(["text"])), ImageError, /^picture: content of an unknown format/);
  await refused(decode({} as Blob), ImageError, /an object, expected a path, a URL, bytes/);
  await refused(toPicture({ data: new Uint8Array(3), width: 2, height: 2, channels: 3 }), ImageError, /3 bytes/);
});

/** A black PNG with 1 bit per pixel: 400 million pixels are 49 kB. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test("a decompression bomb is refused by its header", async () => {
  const bomb = blackPng(20000, 20000);
  assert.ok(bomb.length < 100_000);
  const message = /bomb\.png: 20000x20000 pixels, expected at most 200000000 in all: .*limitPixels/;
  await refused(decode(file("bomb.png", bomb)), ImageError, message);
  // Without the pixels the error is the same, so they were not read.
  await refused(decode(bomb.subarray(0, 60)), ImageError, /20000x20000/);
});

test("the pixel limit is an option", async () => {
  const png = blackPng(100, 50);
  await refused(decode(png, { limitPixels: 4999 }), ImageError, /100x50 pixels, expected at most 4999 in all/);
  for (const limitPixels of [5000, Infinity]) assert.equal((await decode(png, { limitPixels })).data.length, 15000);
  for (const limitPixels of [0, -1, 1.5, Number.NaN]) await refused(decode(png, { limitPixels }), OptionError);
});

test("readBytes reads files", async () => {
  const path = file("bytes.bin", Uint8Array.of(1, 2, 3));
  const bytes = await readBytes(path);
  assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  assert.deepEqual(bytes, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await readBytes(pathToFileURL(path).href), bytes);
  await refused(readBytes(join(folder, "none.bin")), ReadError, /none\.bin: no such file/);
  await refused(readBytes("none.bin"), ReadError, /^\/.*none\.bin: no such file/);
  await refused(readBytes(folder), ReadError, /: a folder, expected a regular file/);
  await refused(decode(join(folder, "none.jpg")), ReadError, /none\.jpg: no such file/);
});

test("readBytes fetches URLs", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/weights.bin" ? 200 : 404).end(Uint8Array.of(4, 5, 6));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    assert.deepEqual(await readBytes(`${origin}/weights.bin`), Uint8Array.of(4, 5, 6));
    await refused(readBytes(`${origin}/none`), ReadError, /\/none: HTTP status 404 Not Found, expected 200/);
  } finally {
    await new Promise((closed) => server.close(closed));
  }
  await refused(readBytes(`${origin}/weights.bin`), ReadError, /weights\.bin: cannot be fetched \(.+\)$/);
});

test("without sharp, decoding says how to get it and the rest works", () => {
  const hide = `export async function resolve(name, context, next) {
    if (name === "sharp") throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  }`;
  const script = `
    import { register } from "node:module";
    const { decode, readBytes } = await import(${JSON.stringify(new URL("./node.ts", import.meta.url).href)});
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hide)}));
    console.log((await readBytes("data:,abc")).length);
    await decode(new Uint8Array(9)).catch((error) => console.log(error.name, error.message));
  `;
  const flags = ["--import", "tsx", "--conditions", "source", "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  assert.equal(
    stdout,
    "3\nImageError sharp: not installed: needed to decode pictures in Node: npm install sharp\n",
    stderr,
  );
});
