import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { load } from "../../packages/mobilenets/src/load.ts";
import { seededPictures } from "../oracles/seeded.ts";
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

const packed = new URL("packed/", folder);
const { seed, probabilities } = JSON.parse(readFileSync(new URL("expected.json", packed), "utf8"));

for (const file of ["tiny.keras", "deflated.keras", "gzip.h5"]) {
  test(`what Keras saved computes the same when it was packed anew: ${file}`, async () => {
    const model = await load(fileURLToPath(new URL(file, packed)));
    const executable = await reference.compile(model.program);
    const [{ data }] = await executable.run(seededPictures([1, 9, 8, 3], 0, 1, seed));
    probabilities.forEach((expected: number, i: number) => {
      assert.ok(Math.abs(data[i] - expected) < 1e-6, `class ${i}: ${data[i]}, expected ${expected}`);
    });
    model.dispose();
  });
}
