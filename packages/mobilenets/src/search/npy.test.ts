import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../tensor.ts";
import type { ByteSource, Bytes } from "./byte-source.ts";
import { nearest } from "./nearest.ts";
import { openNpy, readNpy } from "./npy.ts";

const golden = (name: string) => new URL(`../../../../test/golden/npy/${name}`, import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(golden(`${name}.npy`)));
const { files, refused } = JSON.parse(readFileSync(golden("expected.json"), "utf8")) as {
  files: Record<string, { dtype: string; shape: number[]; values: (number | "nan" | "inf" | "-inf")[] }>;
  refused: string[];
};
const words = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };

/** A file of the format with any header. */
function npy(header: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const prefix = version === 1 ? 10 : 12;
  const file = new Uint8Array(prefix + text.length + data.length);
  file.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  file.set(text, prefix);
  file.set(data, prefix + text.length);
  return file;
}

const headerOf = (shape: string, descr = "'<f4'", fortran = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

for (const [name, { dtype, shape, values }] of Object.entries(files)) {
  test(`${name}.npy as NumPy wrote it`, async () => {
    const expected = values.map((value) => (typeof value === "number" ? value : words[value]));
    const bytes = bytesOf(name);
    const unaligned = new Uint8Array(bytes.length + 3).subarray(3);
    unaligned.set(bytes);
    const sources: Parameters<typeof readNpy>[0][] = [
      bytes,
      Buffer.from(bytes),
      unaligned,
      bytes.buffer,
      new Blob([bytes]),
      golden(`${name}.npy`),
      fileURLToPath(golden(`${name}.npy`)),
    ];
    for (const source of sources) {
      const { data, shape: found } = await readNpy(source);
      assert.ok(data instanceof Float32Array);
      assert.deepEqual([found, Array.from(data)], [shape, expected]);
    }
    const file = await openNpy(bytes);
    assert.deepEqual([file.shape, file.dtype, file.rows], [shape, dtype, shape[0] ?? 1]);
    const blocks: Tensor[] = [];
    for await (const block of file) blocks.push(block);
    assert.deepEqual(
      blocks.flatMap(({ data }) => Array.from(data)),
      expected,
    );
    const per = expected.length / file.rows;
    for (let row = 0; row < file.rows; row++) {
      const { data, shape: one } = await file.read(row, 1);
      assert.deepEqual([one, Array.from(data)], [[1, ...shape.slice(1)], expected.slice(row * per, (row + 1) * per)]);
    }
  });
}

for (const [name, found] of [
  ["fortran", /an array in Fortran order.*expected C order/],
  ["big-endian", /dtype ">f4", expected one of <f4, <f2, <f8, \|i1, \|u1/],
  ["i8", /dtype "<i8"/],
  ["bool", /dtype "\|b1"/],
  ["complex", /dtype "<c8"/],
  ["text", /dtype "<U3"/],
  ["records", /an array of records/],
  ["objects", /an array of Python objects \(dtype object\), which are pickled code/],
] as const) {
  test(`${name}.npy is refused by name, with the way out`, async () => {
    assert.ok(refused.includes(name));
    await assert.rejects(readNpy(bytesOf(name)), (error: Error) => {
      assert.equal(error.name, "ReadError");
      assert.match(error.message, found);
      assert.ok(error.message.endsWith('np.save(path, np.ascontiguousarray(array, "<f4")) writes one'), error.message);
      return true;
    });
  });
}

test("every refused golden has a test", () => assert.equal(refused.length, 8));

test("hostile headers", async () => {
  const data = new Uint8Array(24);
  const good = npy(headerOf("(2, 3)"), data);
  assert.deepEqual((await readNpy(good)).shape, [2, 3]);
  const huge = npy(headerOf("(2, 3)"), data, 2);
  new DataView(huge.buffer).setUint32(8, 0xffffffff, true);
  const long = npy(headerOf("(2, 3)").padEnd(10_001), data);
  const overlong = npy(headerOf("(2, 3)"), data);
  new DataView(overlong.buffer).setUint16(8, 5000, true);
  const version = good.slice();
  version[6] = 4;
  const minor = good.slice();
  minor[7] = 1;
  const cases: [Bytes, RegExp][] = [
    [new Uint8Array(0), /an empty file, expected a \.npy file/],
    [good.subarray(0, 5), /no NumPy file/],
    [good.subarray(0, 9), /9 bytes, expected more than 12: is the file cut short/],
    [good.subarray(0, 40), /40 bytes, expected \d+ for the header alone/],
    [good.subarray(0, good.length - 1), /23 bytes of numbers, expected 24 bytes of numbers, for <f4 of shape \[2,3\]/],
    [new TextEncoder().encode("PK\x03\x04 and so on, an archive"), /a zip archive.*\.npz/],
    [new TextEncoder().encode("row,1,2,3\nand so on, a table"), /no NumPy file/],
    [version, /version 4\.0 of the format/],
    [minor, /version 1\.1 of the format/],
    [huge, /a header of 4294967295 bytes, expected at most 10000/],
    [long, /a header of 10001 bytes/],
    [overlong, /5010 for the header alone/],
    [npy("", data), /a header with the end where a value is due/],
    [npy("'<f4'", data), /the header "'<f4'", expected a dictionary/],
    [npy("{'descr': '<f4', 'shape': (2, 3), }", data), /with the keys "descr, shape"/],
    [npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1}", data), /with the keys/],
    [npy("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"), /the key 'descr' twice/],
    [npy(`${headerOf("(2, 3)")} + 1`, data), /where the end is due/],
    [npy(headerOf("(2, 3)").replace("'<f4'", "open('/etc/passwd')"), data), /where a value is due/],
    [npy(headerOf("[2, 3]"), data), /a shape that is not a tuple/],
    [npy(headerOf("(6)"), data), /a shape that is not a tuple/],
    [npy(headerOf("(2, True)"), data), /a shape that is not a tuple/],
    [npy(headerOf("(2, 3)", "'<f4'", "0"), data), /a fortran_order that is neither/],
    [npy(headerOf("(2, 3)", "4"), data), /a descr that is neither a text nor a list/],
    [npy(headerOf("(2, 3)", "'toString'"), data), /dtype "toString"/],
    [npy(headerOf("(-2, -3)"), data), /shape \[-2,-3\], expected sizes of at least 0/],
    [npy(headerOf("(2, -0)"), data), /where a value is due/],
    [npy(headerOf(`(${"9".repeat(400)},)`), data), /shape \[Infinity\]/],
    [npy(headerOf("(9007199254740993,)"), data), /expected sizes of at least 0/],
    [npy(headerOf("(9007199254740991,)"), data), /more than any file holds/],
    [npy(headerOf("(4294967296, 4294967296)"), data), /more than any file holds/],
    [npy(headerOf("(65536, 65536, 65536, 65536)"), data), /more than any file holds/],
    [npy(headerOf("(7,)"), data), /24 bytes of numbers, expected 28/],
    [npy(headerOf("(4,)", "'<f8'"), data), /24 bytes of numbers, expected 32/],
    [npy(headerOf(`(${"1, ".repeat(65)})`), data), /65 dimensions, expected at most 64/],
    [npy(`${headerOf("(2, 3)")}\xff`, data, 3), /where the end is due/],
  ];
  const invalid = npy(headerOf("(2, 3)"), data, 3);
  invalid[20] = 0xff;
  cases.push([invalid, /a header that is not UTF-8/]);
  for (const [bytes, message] of cases) {
    for (const read of [readNpy, openNpy]) {
      await assert.rejects(read(bytes), (error: Error) => {
        assert.equal(error.name, "ReadError", error.stack);
        assert.match(error.message, message);
        return true;
      });
    }
  }
});

test("sizes beside a 0 need no memory and no time", async () => {
  const most = "9007199254740991";
  for (const shape of [`(0, ${most}, ${most})`, `(${most}, 0)`, `(${`${most}, `.repeat(30)}0)`]) {
    assert.equal((await readNpy(npy(headerOf(shape)))).data.length, 0);
    const sizes: number[] = [];
    for await (const { data } of await openNpy(npy(headerOf(shape)))) sizes.push(data.length);
    assert.ok(sizes.length <= 1);
  }
});

test("bytes after the array are ignored, as by NumPy: a file may be growing", async () => {
  const file = npy(headerOf("(1, 3)"), new Uint8Array(24));
  assert.deepEqual((await readNpy(file)).shape, [1, 3]);
});

test("a file is read piece by piece, never as a whole", async () => {
  const rows = 3000;
  const dim = 700;
  const data = Float32Array.from({ length: rows * dim }, (_, i) => Math.sin(i * i));
  const bytes = npy(headerOf(`(${rows}, ${dim})`), new Uint8Array(data.buffer));
  const pieces: number[] = [];
  const source: ByteSource = {
    size: bytes.length,
    async read(offset, length) {
      pieces.push(length);
      return bytes.slice(offset, offset + length);
    },
  };
  const file = await openNpy(source);
  const queries = [5, 2999].map((row) => data.slice(row * dim, (row + 1) * dim));
  const streamed = await nearest(queries, file, { k: 7 });
  assert.ok(Math.max(...pieces) <= 4 << 20 && pieces.length > 3);
  assert.deepEqual(streamed, await nearest(queries, await readNpy(bytes), { k: 7 }));
  assert.deepEqual(streamed, await nearest(queries, file, { k: 7 }), "a second pass");
  assert.deepEqual([streamed[0][0].index, streamed[1][0].index], [5, 2999]);
});

test("a file on the disk, as the docs show", async () => {
  const handle = await open(golden("f4.npy"));
  try {
    const { size } = await handle.stat();
    const read = async (offset: number, length: number) =>
      (await handle.read(new Uint8Array(length), 0, length, offset)).buffer;
    const [best] = await nearest(Float32Array.of(0, -1.5, 0.1), await openNpy({ size, read }), { k: 1 });
    assert.deepEqual(best, { index: 0, similarity: 1 });
  } finally {
    await handle.close();
  }
});

test("rows outside the file, a file that shrinks, and what is no file", async () => {
  const bytes = bytesOf("f4");
  const file = await openNpy(bytes);
  for (const [start, count] of [
    [2, 1],
    [0, 3],
    [-1, 1],
    [0.5, 1],
    [Number.NaN, 1],
  ]) {
    await assert.rejects(file.read(start, count), { name: "OptionError", message: /inside shape \[2,3\]/ });
  }
  assert.equal((await file.read(2, 0)).data.length, 0);
  const shrinking: ByteSource = {
    size: bytes.length,
    name: "shrinking.npy",
    read: async (offset, length) => bytes.subarray(offset, Math.min(offset + length, 140)),
  };
  await assert.rejects(readNpy(shrinking), {
    name: "ReadError",
    message: "shrinking.npy: 12 bytes at 128, expected 24 bytes: was the file cut short while it was read?",
  });
  await assert.rejects(readNpy("no/such.npy"), { name: "ReadError", message: /no such file/ });
  await assert.rejects(readNpy(null as never), { name: "OptionError", message: /^npy: null/ });
  await assert.rejects(openNpy("features.npy" as never), { name: "OptionError", message: /^npy: "features\.npy"/ });
  await assert.rejects(openNpy({ size: -1, read: shrinking.read }), { name: "OptionError" });
});
