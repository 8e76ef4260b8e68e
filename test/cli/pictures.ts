import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

/** Pixels that differ everywhere, the same for the same seed. */
function noise(width: number, height: number, seed: number): Buffer {
  const data = Buffer.alloc(width * height * 3);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}

function picture(width: number, height: number, seed = 0) {
  return sharp(noise(width, height, seed), { raw: { width, height, channels: 3 } });
}

/** `n` small PNGs named by number; of every 20, one is no picture and one is cut short. */
export async function writeMany(dir: string, n: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (let i = 0; i < n; i++) {
    const path = join(dir, `${String(i).padStart(5, "0")}.png`);
    if (i % 10 === 7) await writeFile(path, `no picture ${i}`);
    else
      await picture(24 + (i % 9), 20 + (i % 7), i)
        .png()
        .toFile(path);
  }
}

/** What a row or an error must say of each picture of `writeDifficult`. */
export const difficult: Readonly<Record<string, { size: readonly [number, number] } | { error: RegExp }>> = {
  "cmyk.jpg": { size: [40, 30] },
  "depth16.png": { size: [33, 21] },
  "good.jpg": { size: [64, 48] },
  "huge.png": { error: /20000x20000/ },
  "one.png": { size: [1, 1] },
  "rotated.jpg": { size: [30, 50] },
  "text.jpg": { error: /unknown format/ },
  "truncated.jpg": { error: /cannot be decoded/ },
};

/** Pictures that break readers, and a good one. */
export async function writeDifficult(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const path = (name: string) => join(dir, name);
  await picture(64, 48).jpeg().toFile(path("good.jpg"));
  await picture(40, 30).toColourspace("cmyk").jpeg().toFile(path("cmyk.jpg"));
  await picture(33, 21).toColourspace("rgb16").png().toFile(path("depth16.png"));
  await picture(1, 1).png().toFile(path("one.png"));
  // Orientation 6: to be turned a quarter, so 50 wide and 30 high become 30 wide and 50 high.
  await picture(50, 30).withMetadata({ orientation: 6 }).jpeg().toFile(path("rotated.jpg"));
  await writeFile(path("text.jpg"), "This is not a picture.");
  const whole = await readFile(path("good.jpg"));
  await writeFile(path("truncated.jpg"), whole.subarray(0, whole.length / 2));
  await writeFile(path("huge.png"), blackPng(20000, 20000));
}

/** A PNG of one bit per pixel: 400 million of them in 50 kB, which no encoder would make as fast. */
export function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bits per sample; the rest is 0: grey, no interlace
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
