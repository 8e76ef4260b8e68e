import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../errors.ts";
import { inMemory } from "./in-memory.ts";

const classes = ["a", "b"];

test("a tensor gives its pictures", async () => {
  const data = Uint8Array.from({ length: 2 * 3 * 4 * 3 }, (_, i) => i);
  const dataset = inMemory({ classes, images: { data, shape: [2, 3, 4, 3] }, labels: [1, [0, 1]], ids: ["x", "y"] });
  assert.deepEqual(dataset.examples, [
    { id: "x", labels: [1] },
    { id: "y", labels: [0, 1] },
  ]);
  const picture = await dataset.picture(1);
  assert.deepEqual(picture, { data: data.slice(36), width: 4, height: 3, channels: 3 });
});

test("pictures may be anything the library takes for one", async () => {
  const pixels = { data: Uint8Array.of(7), width: 1, height: 1, channels: 1 } as const;
  const dataset = inMemory({ classes, images: [pixels, "missing.png"], labels: [0, 1] });
  assert.deepEqual(await dataset.picture(0), pixels);
  await assert.rejects(dataset.picture(1), { name: "ReadError", message: /missing\.png: no such file/ });
});

test("counts and labels are checked, and what is not a picture is an unreadable one", async () => {
  const images = { data: new Uint8Array(8), shape: [2, 2, 2] };
  assert.throws(() => inMemory({ classes, images, labels: [0] }), OptionError);
  assert.throws(() => inMemory({ classes, images, labels: [0, 2] }), {
    message: /label 2 of image 1, expected 0 to 1/,
  });
  assert.throws(() => inMemory({ classes, images, labels: [0, 1], ids: ["x"] }), OptionError);
  await assert.rejects(inMemory({ classes, images, labels: [0, 1] }).picture(0), { name: "ImageError" });
});
