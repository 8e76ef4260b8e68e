import assert from "node:assert/strict";
import { test } from "node:test";
import { type Zippable, zipSync } from "fflate";
import { WeightsError } from "../../errors.ts";
import { unzip } from "./zip.ts";

const content = { "a/one": Uint8Array.of(1, 2, 3), "a/two": new Uint8Array(1000), "b/three": new Uint8Array() };
const pack = (files: Zippable = content, level: 0 | 9 = 0) => zipSync(files, { level });
const all = (bytes: Uint8Array) => unzip(bytes, "x.zip", () => true);

const refused = (bytes: Uint8Array, message: RegExp) =>
  assert.rejects(all(bytes), (error) => error instanceof WeightsError && message.test(error.message));

/** Changes a field of the archive's `entry`th directory record. */
function forge(bytes: Uint8Array, entry: number, field: number, value: number): Uint8Array {
  const forged = Buffer.from(bytes);
  let at = -1;
  for (let i = 0; i <= entry; i++) at = forged.indexOf(Buffer.from("PK\x01\x02"), at + 1);
  forged.writeUInt32LE(value, at + field);
  return forged;
}
const [SIZE, ORIGINAL_SIZE, OFFSET] = [20, 24, 42];

test("unpacks what is wanted, into memory of its own", async () => {
  const bytes = pack();
  const entries = await unzip(bytes, "x.zip", (name) => name.startsWith("a/"));
  assert.deepEqual(Object.fromEntries(entries), { "a/one": content["a/one"], "a/two": content["a/two"] });
  for (const data of entries.values()) assert.ok(data.byteOffset === 0 && data.buffer !== bytes.buffer);
});

test("compressed entries are unpacked", async () => {
  assert.deepEqual(Object.fromEntries(await all(pack(content, 9))), content);
});

test("an archive does not grow beyond measure, whatever its entries are said to hold", async () => {
  const zeros = new Uint8Array(5e7);
  const bytes = pack({ zeros }, 9);
  await refused(bytes, /x\.zip: entries of 50000000 bytes, unpacked, expected at most \d+/);
  await refused(
    forge(bytes, 0, ORIGINAL_SIZE, 1000),
    /x\.zip: zeros: compressed data of more bytes than stated, expected 1000/,
  );
  await refused(forge(pack({ zeros: content["a/two"] }, 9), 0, ORIGINAL_SIZE, 1001), /of fewer bytes than stated/);
  const entries = await unzip(
    pack({ zeros: [zeros, { level: 9 }], plain: Uint8Array.of(1) }),
    "x",
    (name) => name === "plain",
  );
  assert.deepEqual([...entries.keys()], ["plain"]);
});

test("damaged, encrypted and otherwise compressed entries are refused", async () => {
  const bytes = Buffer.from(pack({ a: Buffer.from("some text, some text, some text") }, 9));
  const METHOD = 10;
  const FLAGS = 8;
  await refused(forge(bytes, 0, METHOD, 14), /x\.zip: a: compressed by method 14, expected deflate/);
  await refused(forge(bytes, 0, FLAGS, 1 | (8 << 16)), /x\.zip: a: encrypted/);
  bytes[31] = 0xff;
  await refused(bytes, /compressed data that cannot be unpacked: is the file damaged/);
});

test("forged sizes, offsets and counts are refused", async () => {
  const bytes = pack();
  await refused(forge(bytes, 1, SIZE, 999), /x\.zip: a\/two: 999 bytes, expected 1000/);
  await refused(forge(forge(bytes, 1, SIZE, 2 ** 31), 1, ORIGINAL_SIZE, 2 ** 31), /cannot be unpacked/);
  await refused(forge(bytes, 1, OFFSET, bytes.length - 100), /cannot be unpacked/);
  // All entries share the second's bytes.
  const many = pack(
    Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}`, i ? new Uint8Array() : new Uint8Array(1000)])),
  );
  let overlapping: Uint8Array = many;
  for (let i = 1; i < 10; i++) {
    overlapping = forge(forge(forge(overlapping, i, OFFSET, 0), i, SIZE, 1000), i, ORIGINAL_SIZE, 1000);
  }
  await refused(overlapping, /entries of 10000 bytes in a file of \d+/);
  const counted = Buffer.from(bytes);
  counted.writeUInt16LE(65535, bytes.length - 22 + 10);
  await assert.rejects(all(counted), WeightsError);
  const crowded = pack(Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`${i}`, new Uint8Array()])));
  await assert.rejects(
    unzip(crowded, "x.zip", () => false),
    /more than 20000 entries/,
  );
});

test("an entry may be there once", async () => {
  const bytes = Buffer.from(pack({ aa: Uint8Array.of(1), ab: Uint8Array.of(2) }));
  for (let at = bytes.indexOf("ab"); at >= 0; at = bytes.indexOf("ab", at + 1)) bytes.write("aa", at);
  await refused(bytes, /two entries "aa"/);
});

test("names that objects have already are like any other", async () => {
  const entries = await all(pack({ constructor: Uint8Array.of(1), toString: Uint8Array.of(2) }));
  assert.deepEqual([...entries.keys()], ["constructor", "toString"]);
});

test("what is cut short is refused at any length", async () => {
  const bytes = pack();
  for (let length = 0; length < bytes.length; length += 7) {
    await assert.rejects(all(bytes.subarray(0, length)), WeightsError);
  }
});
