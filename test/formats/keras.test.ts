import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { checkKerasCase, type KerasCase, readKerasGolden } from "./keras-golden.ts";

const folder = new URL("../golden/keras/", import.meta.url);

/** A case's files, unpacked into a folder that is gone afterwards. */
async function unpacked(golden: KerasCase, use: (folder: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-keras-"));
  try {
    const packed = brotliDecompressSync(readFileSync(new URL(`${golden.name}.br`, folder)));
    let at = 0;
    for (const [file, bytes] of golden.files) {
      await writeFile(join(dir, file), packed.subarray(at, at + bytes));
      at += bytes;
    }
    await use(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

for (const list of ["files.json", "keras2.json"]) {
  const { cases, seed } = readKerasGolden(new URL(list, folder));
  for (const golden of cases) {
    const files = golden.files.map(([file]) => file).join(", ");
    test(`what Keras saved of ${golden.name} (${files}) computes what Keras computes`, () =>
      unpacked(golden, (dir) => checkKerasCase(golden, dir, seed)));
  }
}
