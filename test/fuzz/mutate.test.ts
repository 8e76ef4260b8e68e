import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../packages/mobilenets/src/errors.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { fuzz, mutant, type Target } from "./harness.ts";
import { mutate } from "./mutate.ts";

const file = new TextEncoder().encode(`{"length": 1234, "name": "abcdefgh"}`.repeat(20));

test("mutants differ from the file and from each other, and leave it alone", () => {
  const before = file.slice();
  const rng = random(3);
  const mutants = Array.from({ length: 300 }, () => Buffer.from(mutate(file, rng)).toString("latin1"));
  assert.deepEqual(file, before);
  assert.ok(new Set(mutants).size > 290);
  const original = Buffer.from(file).toString("latin1");
  assert.ok(mutants.filter((m) => m === original).length < 5);
  assert.ok(mutants.some((m) => m.length < file.length) && mutants.some((m) => m.length > file.length));
});

test("a Buffer is left alone too", () => {
  const buffer = Buffer.from(file);
  for (let i = 0; i < 50; i++) mutate(buffer, random(i));
  assert.ok(buffer.equals(file));
});

test("an empty file, and one of one byte, can be mutated", () => {
  for (let i = 0; i < 200; i++) {
    const rng = random(i);
    mutate(new Uint8Array(), rng);
    mutate(Uint8Array.of(7), rng);
  }
});

const target = (read: (bytes: Uint8Array) => Promise<unknown>): Target => ({ files: { file }, read });

test("counts what is read and what is refused", async () => {
  const refuseLong = async (bytes: Uint8Array) => {
    if (bytes.length > file.length) throw new WeightsError({ where: "x", found: "too long" });
  };
  const { read, refused } = await fuzz(target(refuseLong), 200, 1);
  assert.equal(read + refused, 200);
  assert.ok(read > 20 && refused > 20);
});

test("any other error fails, and names the case that can be made again", async () => {
  let broken: Uint8Array | undefined;
  const read = async (bytes: Uint8Array) => {
    if (bytes.length < file.length - 100) {
      broken = bytes;
      throw new RangeError("offset is out of bounds");
    }
  };
  const error: Error = await fuzz(target(read), 1000, 5).then(
    () => assert.fail("passed"),
    (e) => e,
  );
  assert.match(error.message, /not a WeightsError: RangeError/);
  const number = Number(/case (\d+)/.exec(error.message)?.[1]);
  assert.deepEqual(mutant(target(read), number, 5).bytes, broken);
});
