import assert from "node:assert/strict";
import { test } from "node:test";
import { writeByLibrary } from "../../../../../../test/support/libhdf5.ts";
import { WeightsError } from "../../../errors.ts";
import { tensor } from "../../../tensor.ts";
import { checksum } from "./checksum.ts";
import { openHdf5 } from "./hdf5.ts";
import { type Hdf5Tree, writeHdf5 } from "./write.ts";

const kernel = tensor([2, 1, 3], [1, -2, 3.5, 0, 1e-30, -0]);
const many = Array.from({ length: 60 }, (_, i) => `member ${i}`);

/** A tree with names beyond ASCII, paths, single texts and lists, and groups of various sizes. */
const tree: Hdf5Tree = {
  attributes: { list: ["a", "bcd", ""], text: "häß €", long: "x".repeat(5000) },
  members: {
    "größe 1": { members: { "kernel:0": { tensor: kernel } } },
    number: { tensor: tensor([], [7]) },
    many: { members: Object.fromEntries(many.map((name, i) => [name, { tensor: tensor([1], [i]) }])) },
  },
};

const refuses = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof WeightsError, String(error));
  assert.match(error.message, pattern);
  return true;
};

for (const [title, bytes] of [
  ["the C library lays it out for h5py, texts in a heap", await writeByLibrary(tree, "old")],
  ["the C library lays it out for h5py, texts of fixed length", await writeByLibrary(tree, "old", true)],
  ["we write it", writeHdf5(tree)],
] as const) {
  test(`reads a tree as ${title}`, async () => {
    const root = openHdf5(bytes, "tree.h5");
    assert.deepEqual([...root.names].sort(), ["größe 1", "many", "number"]);
    assert.deepEqual(root.texts("list"), ["a", "bcd", ""]);
    assert.deepEqual(root.texts("text"), ["häß €"]);
    assert.deepEqual(root.texts("long"), ["x".repeat(5000)]);
    assert.equal(root.texts("lis"), undefined);
    assert.deepEqual(await root.get("größe 1/kernel:0")?.tensor(), kernel);
    assert.deepEqual(await root.get("number")?.tensor(), tensor([], [7]));
    assert.deepEqual([...(root.get("many")?.names ?? [])].sort(), [...many].sort());
    for (const [i, name] of many.entries())
      assert.deepEqual(await root.get(`many/${name}`)?.tensor(), tensor([1], [i]));
    for (const path of ["none", "none/kernel", "größe 1/none", "number/none", "", "many/"]) {
      assert.equal(root.get(path), undefined, path);
    }
    assert.equal(await root.tensor(), undefined);
  });
}

test("reads the C library's newer layout where groups are small", async () => {
  const small: Hdf5Tree = { attributes: { text: "t" }, members: { a: { members: { b: { tensor: kernel } } } } };
  const root = openHdf5(await writeByLibrary(small, "new"), "new.h5");
  assert.deepEqual(root.texts("text"), ["t"]);
  assert.deepEqual(await root.get("a/b")?.tensor(), kernel);
  const large = openHdf5(await writeByLibrary(tree, "new"), "large.h5");
  assert.throws(() => large.get("many")?.names, refuses(/^large.h5: HDF5 with members in "dense" storage/));
});

test("follows no links by path or into other files", async () => {
  for (const age of ["old", "new"] as const) {
    const linked: Hdf5Tree = { members: { group: { members: { real: { tensor: kernel } } } } };
    const bytes = await writeByLibrary(linked, age, true, (file) => {
      file.create_soft_link("/group/real", "/group/soft");
      // The older kind of group cannot hold such a link.
      if (age === "new") file.create_external_link("/etc/passwd", "/group", "/group/external");
    });
    const group = openHdf5(bytes, "links.h5").get("group");
    assert.deepEqual(group?.names, ["real"]);
    assert.deepEqual(await group?.get("real")?.tensor(), kernel);
    for (const name of ["soft", "external"]) assert.equal(group?.get(name), undefined);
  }
});

/** A file of one dataset whose datatype message is replaced. */
function withDatatype(type: readonly number[], data: Uint8Array, shape: readonly number[]): Uint8Array {
  const size = data.length / shape.reduce((a, b) => a * b, 1);
  const bytes = writeHdf5({
    members: { d: { tensor: tensor([data.length / 4], new Float32Array(data.slice().buffer)) } },
  });
  const file = Buffer.from(bytes.buffer);
  // Class and version of our float32; its 20 bytes of description are one message.
  const at = file.indexOf(Buffer.from([0x11, 0x20, 0x1f, 0x00]));
  bytes.set(type, at);
  // The dataspace before it: message 1, version 2, rank 1, then the size.
  const space = file.lastIndexOf(Buffer.from([0x01, 12, 0, 0, 2, 1, 0, 1]), at);
  new DataView(bytes.buffer).setBigUint64(space + 8, BigInt(data.length / size), true);
  const header = file.lastIndexOf("OHDR", at);
  const end = header + 10 + file.readUInt32LE(header + 6);
  file.writeUInt32LE(checksum(bytes.subarray(header, end)), end);
  return bytes;
}

const float = (size: number, exponentAt: number, exponentBits: number, bias: number) => [
  ...[0x11, 0x20, size * 8 - 1, 0x00, size, 0, 0, 0, 0, 0, size * 8, 0],
  ...[exponentAt, exponentBits, 0, exponentAt, bias & 255, bias >> 8, 0, 0],
];

test("widens 16-bit numbers, and rounds 64-bit ones", async () => {
  const read = (type: readonly number[], data: ArrayBufferView, n: number) =>
    openHdf5(withDatatype(type, new Uint8Array(data.buffer), [n]), "t.h5")
      .get("d")
      ?.tensor();
  assert.deepEqual(await read(float(2, 10, 5, 15), Uint16Array.of(0x3c00, 0xc000), 2), tensor([2], [1, -2]));
  assert.deepEqual(await read(float(2, 7, 8, 127), Uint16Array.of(0x3f80, 0xc040), 2), tensor([2], [1, -3]));
  assert.deepEqual(await read(float(8, 52, 11, 1023), Float64Array.of(0.1, -1e300), 2), tensor([2], [0.1, -Infinity]));
  const integer = [0x10, 0x08, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0];
  assert.equal(await read(integer, Int32Array.of(1, 2), 2), undefined);
  const bigEndian = [0x11, 0x21, ...float(4, 23, 8, 127).slice(2)];
  await assert.rejects(async () => read(bigEndian, Float32Array.of(1), 1), refuses(/big-endian numbers/));
  await assert.rejects(
    async () => read(float(2, 10, 6, 15), Uint16Array.of(1, 2), 2),
    refuses(/of 2 bytes, exponent of 6 bits/),
  );
});

test("refuses files that are cut short, wherever", async () => {
  for (const bytes of [await writeByLibrary(tree, "old"), writeHdf5(tree)]) {
    for (let length = 0; length < bytes.length; length += 97) {
      assert.throws(() => openHdf5(bytes.subarray(0, length), "cut.h5"), refuses(/^cut.h5: (truncated|damaged)/));
    }
    const cut = bytes.subarray(0, bytes.length - 1);
    assert.throws(() => openHdf5(cut, "cut.h5"), refuses(/truncated: \d+ bytes, expected \d+ .*copy cut short/));
  }
});

test("refuses what its checksum does not fit", () => {
  const bytes = writeHdf5(tree);
  bytes[Buffer.from(bytes.buffer).lastIndexOf("bcd")] = 0x43;
  assert.throws(() => openHdf5(bytes, "changed.h5"), refuses(/object header at \d+ with a wrong checksum/));
});

test("does not go round in circles, nor read the same bytes under many names", async () => {
  // A path through a group that is a member of itself costs only the path's length.
  const bytes = writeHdf5({ members: { group: { members: { a: { members: {} } } } } });
  const file = Buffer.from(bytes.buffer);
  const inner = file.indexOf("OHDR");
  const outer = file.indexOf("OHDR", inner + 1);
  const link = file.indexOf(Buffer.from([1, 0, 0x61]), outer) + 3;
  file.writeBigUInt64LE(BigInt(outer), link);
  const end = outer + 10 + file.readUInt32LE(outer + 6);
  file.writeUInt32LE(checksum(bytes.subarray(outer, end)), end);
  const root = openHdf5(bytes, "circle.h5");
  assert.equal(root.get(`group${"/a".repeat(20_000)}`), root.get("group"));

  const again = async (read: () => unknown) => {
    for (let i = 0; i < 100; i++) await read();
  };
  const dataset = openHdf5(writeHdf5({ members: { d: { tensor: tensor([1000]) } } }), "again.h5").get("d");
  await assert.rejects(
    again(() => dataset?.tensor()),
    refuses(/refer to the same bytes too often/),
  );
  const attribute = openHdf5(writeHdf5({ attributes: { a: "b" } }), "again.h5");
  await assert.rejects(
    again(() => attribute.texts("none")),
    refuses(/refer to the same bytes too often/),
  );
});
