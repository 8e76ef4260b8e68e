// Tests the fuzzer: valid files stay valid, and changes reach every kind of field without changing the original.
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../packages/mobilenets/src/random.ts";
import { pickledCall, torchPickle } from "../../support/torch-file.ts";
import { caseOf, specimensOf } from "../cases.ts";
import { readTables, writeTables } from "../formats/flatbuffer-tree.ts";
import { golden } from "../formats/models.ts";
import { formatNames } from "../formats.ts";
import { closeTexts, openTexts, writeJson } from "./json.ts";
import { assemble, changePickle, disassemble } from "./pickle.ts";
import { changeFields, fieldsRead } from "./recorded.ts";
import { changeTree, copyOf, type Members, type Tree, Twice } from "./tree.ts";

const tree = (): Members => ({
  format: "layers",
  graph: '{"nodes":[{"name":"conv","strides":[1,2]}]}',
  layers: [
    { name: "conv", units: 3, paths: ["a.bin"] },
    { name: "dense", units: 4, paths: ["b.bin", "c.bin"] },
  ],
  data: Uint8Array.of(1, 2, 3),
  done: true,
});

test("JSON of an unchanged tree says the same, its inner texts opened or not", () => {
  const opened = openTexts(tree());
  assert.deepEqual(JSON.parse(writeJson(opened)), { ...JSON.parse(writeJson(tree())), data: null });
  assert.deepEqual(closeTexts(opened), tree());
  assert.equal(writeJson({ a: new Twice(1, "x"), b: [Infinity, -0] }), '{"a":1,"a":"x","b":[1e999,-0]}');
  assert.equal(Object.keys(JSON.parse(writeJson(JSON.parse('{"__proto__":1}') as Tree)))[0], "__proto__");
});

test("changes of a tree reach each kind of field, and leave what they were made of alone", () => {
  const original = openTexts(tree());
  const before = copyOf(original);
  const changes = Array.from({ length: 6000 }, (_, i) => changeTree(copyOf(original), random(i), { paths: ["paths"] }));
  assert.deepEqual(original, before);
  const all = changes.join("\n");
  for (const expected of [
    /^layers\.\[\]\.units: [34] becomes 2147483648$/m,
    /^layers\.\[\]\.units: [34] becomes NaN$/m,
    /^layers\.\[\]\.units: [34] becomes -[34]$/m,
    /^layers\.\[\]\.units: [34] becomes [34]\.25$/m,
    /^layers\.\[\]\.name: "\w+" becomes "(__proto__|constructor|toString|valueOf)"/m,
    /^layers\.\[\]\.name: now "(dense|conv)", as elsewhere$/m,
    /^layers\.\[\]\.name: "\w+" becomes ".*" everywhere$/m,
    /^layers\.\[\]\.name: .*\(\d{7}\)$/m,
    /^layers\.\[\]\.paths\.\[\]: now the path ".*secret"$/m,
    /^graph\.value\.nodes\.\[\]\.strides\.\[\]: left out$/m,
    /^graph\.value\.nodes: 200 times an object$/m,
    /^layers\.\[\]: "units" twice$/m,
    /^layers\.\[\]: with "(constructor|__proto__|toString|prototype|valueOf)"$/m,
    /^data: contents of NaN$/m,
    /^done: now false$/m,
  ]) {
    assert.match(all, expected);
  }
});

test("a name that changes everywhere does so in members' names and inner texts too", () => {
  for (let i = 0; ; i++) {
    assert.ok(i < 20_000, "never happened");
    const changed = openTexts({ "conv/kernel": [1], graph: '{"of":"conv"}', name: "conv" } as Members);
    if (!/^(name|graph\.value\.of): "conv" becomes "é" everywhere$/.test(changeTree(changed, random(i)))) continue;
    assert.deepEqual(closeTexts(changed), { "é/kernel": [1], graph: '{"of":"é"}', name: "é" });
    break;
  }
});

test("typed trees keep their types", () => {
  for (let i = 0; i < 2000; i++) {
    const changed: Members = { name: "x", size: 1, list: [1, 2], deep: { flag: true } };
    changeTree(changed, random(i), { typed: true });
    const types = Object.entries(changed).map(([key, value]) => [key, Array.isArray(value) ? "list" : typeof value]);
    for (const [key, type] of types) {
      assert.equal(type, { name: "string", size: "number", list: "list", deep: "object" }[key as string]);
    }
  }
});

test("pickles are taken apart and put together again, byte by byte", () => {
  for (const pickle of [
    torchPickle(new Map<string, never>([["a", [1, "x"] as never]])).pickle,
    pickledCall("os", "system", "echo"),
    golden("torch/tiny-legacy.pth").subarray(0, 15),
  ]) {
    const { instructions, end } = disassemble(pickle);
    assert.equal(end, pickle.length);
    assert.deepEqual(assemble(instructions), new Uint8Array(pickle));
    const lengths = new Map<number, bigint>();
    for (let i = 0; i < 200; i++) changePickle([...instructions], lengths, random(i));
    assert.deepEqual(assemble(instructions), new Uint8Array(pickle));
  }
  assert.throws(() => disassemble(Uint8Array.of(0x80, 2)), /does not end/);
});

test("TFLite's tables are written anew with nothing lost", () => {
  for (const name of ["v2-int8", "v3-small-float16"]) {
    const tables = readTables(golden(`tflite/${name}.tflite`));
    assert.deepEqual(readTables(writeTables(tables)), tables);
    assert.ok((tables.subgraphs as Members[])[0].operators);
  }
});

test("fields are found where a reader reads them, in views of larger memory too", async () => {
  const file = new Uint8Array(64).subarray(16, 48);
  new DataView(file.buffer, file.byteOffset).setUint32(8, 77, true);
  async function count(bytes: Uint8Array) {
    return new DataView(bytes.buffer, bytes.byteOffset + 4).getUint32(4, true);
  }
  const fields = await fieldsRead(file, count);
  assert.deepEqual(
    fields.map(({ at, size, type }) => [at, size, type]),
    [[8, 4, "integer"]],
  );
  assert.match(fields[0].reader, /^count/);
  const values = new Set(
    Array.from({ length: 500 }, (_, i) => {
      const { bytes } = changeFields(file, fields, random(i));
      return new DataView(bytes.buffer).getUint32(8, true);
    }),
  );
  for (const value of [0, 76, 78, 2 ** 31, 2 ** 32 - 1]) assert.ok(values.has(value), `${value}`);
  assert.equal(await count(file), 77);
});

test("recordings that overlap keep to their own files, and leave the methods as they were", async () => {
  const { getUint32 } = DataView.prototype;
  const at = (offset: number, ms: number) => async (bytes: Uint8Array) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return new DataView(bytes.buffer).getUint32(offset);
  };
  const all = await Promise.all([8, 12].map((offset, i) => fieldsRead(new Uint8Array(32), at(offset, 20 - 15 * i))));
  assert.deepEqual(
    all.map((fields) => fields.map((field) => field.at)),
    [[8], [12]],
  );
  assert.equal(DataView.prototype.getUint32, getUint32);
});

test("a reader that nothing watches is no reader without fields", async () => {
  await assert.rejects(
    fieldsRead(Uint8Array.of(1), async ([byte]) => byte),
    /no fields/,
  );
});

for (const format of formatNames) {
  test(`${format}: cases are the same every time, and differ from each other`, async () => {
    const specimens = await specimensOf(format);
    const digest = (i: number) => {
      const { files, way, changes } = caseOf(specimens, 3, i);
      return JSON.stringify([
        Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]),
        way,
        changes,
      ]);
    };
    const first = Array.from({ length: 20 }, (_, i) => digest(i));
    assert.deepEqual(
      Array.from({ length: 20 }, (_, i) => digest(i)),
      first,
    );
    assert.equal(new Set(first).size, 20);
  });
}
