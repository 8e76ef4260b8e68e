import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeferred } from "../../../deferred.ts";
import { WeightsError } from "../../../errors.ts";
import { sizeOf, tensor } from "../../../tensor.ts";
import { openHdf5 } from "./hdf5.ts";

const golden = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../../../test/golden/keras/packed/${name}`, import.meta.url)));
const chunks = golden("chunks.h5");

const counting = (...shape: number[]) =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
  );

const refuses = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof WeightsError, String(error));
  assert.match(error.message, pattern);
  return true;
};

// Files that keras_packed.py wrote with h5py.
for (const [name, expected] of Object.entries({
  plain: counting(5, 7),
  gzip: counting(5, 7),
  shuffled: counting(3, 3, 4, 5),
  one: counting(6),
  half: counting(4, 4),
  double: counting(4, 4),
  many: counting(300),
  growing: counting(4),
})) {
  test(`reads the chunks of dataset "${name}"`, async () => {
    assert.deepEqual(await openHdf5(chunks, "chunks.h5").get(name)?.tensor(), expected);
  });
}

test("numbers of 16 and 8 bits stay as they are stored until they are asked for", async () => {
  const root = openHdf5(golden("narrow.h5"), "narrow.h5");
  const read = [root.get("float16")?.tensor(), root.get("float32")?.tensor(), root.get("int8")?.int8()];
  const tensors = await Promise.all(read);
  assert.deepEqual(
    tensors.map((one) => one && isDeferred(one)),
    [true, false, true],
  );
  for (const one of tensors) {
    assert.deepEqual(one?.shape, [64, 128]);
    assert.deepEqual(
      one?.data,
      Float32Array.from({ length: 8192 }, (_, i) => (i % 64) - 32),
    );
  }
});

test("reads a chunk that the filter was not applied to", async () => {
  // numpy's default_rng(7).integers(0, 2**32, 16, dtype="uint32") % 2**24.
  const noise = await openHdf5(chunks, "chunks.h5").get("noise")?.tensor();
  assert.deepEqual([...(noise?.data ?? [])].slice(0, 4), [15026827, 410025, 2517653, 11521468]);
});

test("refuses other layouts and filters with the command that helps, and datasets never written", async () => {
  const root = openHdf5(chunks, "chunks.h5");
  const read = async (name: string) => root.get(name)?.tensor();
  const advice = /unpack it: h5repack --filter=NONE --layout=CONTI old\.h5 new\.h5$/;
  await assert.rejects(
    read("lzf"),
    refuses(/^chunks\.h5: HDF5 with datasets that went through filter 32000, expected/),
  );
  await assert.rejects(read("lzf"), refuses(advice));
  await assert.rejects(read("checked"), refuses(/went through filter 3,/));
  await assert.rejects(read("unwritten"), refuses(/0 chunks of 2/));
  for (const [file, message] of [
    ["v110.h5", /^v110\.h5: HDF5 with datasets in chunks, as HDF5 1\.10 and later index them/],
    ["latest.h5", /^latest\.h5: HDF5 with version 5 of a dataset's layout/],
  ] as const) {
    const dataset = openHdf5(golden(file), file).get("gzip");
    await assert.rejects(async () => dataset?.tensor(), refuses(message));
    await assert.rejects(async () => dataset?.tensor(), refuses(advice));
  }
});

test("forged sizes and places are refused before memory is taken", async () => {
  const forged = (change: (file: Buffer, space: number, layout: number) => void) => {
    const bytes = chunks.slice();
    const file = Buffer.from(bytes.buffer);
    // The dataset "plain": dataspace 5 x 7, version 1; layout version 3, class 2, of 2 + 1 dimensions.
    const space = file.indexOf(Buffer.from([1, 2, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7]));
    const layout = file.indexOf(Buffer.from([3, 2, 3]), space);
    assert.ok(space > 0 && layout > space);
    change(file, space, layout);
    return async () => openHdf5(bytes, "forged.h5").get("plain")?.tensor();
  };
  const extent = (layout: number, i: number) => layout + 11 + 4 * i;
  await assert.rejects(
    forged((file, space) => file.writeBigUInt64LE(2n ** 45n, space + 8)),
    refuses(/9 chunks of/),
  );
  await assert.rejects(
    forged((file, _, layout) => file.writeUInt32LE(0, extent(layout, 0))),
    refuses(/chunks whose elements differ/),
  );
  await assert.rejects(
    forged((file, _, layout) => file.writeUInt32LE(8, extent(layout, 2))),
    refuses(/chunks whose elements differ/),
  );
  await assert.rejects(
    forged((file, _, layout) => file.writeUInt32LE(3, extent(layout, 0))),
    refuses(/a misplaced chunk/),
  );
  // One chunk of 6 elements that claims 2^31.
  const bytes = chunks.slice();
  const file = Buffer.from(bytes.buffer);
  const layout = file.indexOf(Buffer.from([3, 2, 2]), file.indexOf(Buffer.from([1, 1, 1, 0, 0, 0, 0, 0, 6])));
  assert.equal(file.readUInt32LE(extent(layout, 0)), 6);
  file.writeUInt32LE(2 ** 31, extent(layout, 0));
  await assert.rejects(
    async () => openHdf5(bytes, "forged.h5").get("one")?.tensor(),
    refuses(/datasets of 8589934616 bytes and more in a file of/),
  );
});
