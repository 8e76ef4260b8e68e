import assert from "node:assert/strict";
import { test } from "node:test";
import type { Picture } from "../../image/picture.ts";
import { withoutColour } from "./grey.ts";
import { PictureCache } from "./picture-cache.ts";

function picture(side: number, value: number): Picture {
  return { data: new Uint8Array(side * side).fill(value), width: side, height: side, channels: 1 };
}

test("what fits is kept as it was, the rest is not", () => {
  const cache = new PictureCache(2 * 10 ** 6 + 250);
  cache.add(7, picture(1000, 1));
  cache.add(9, picture(10, 2));
  cache.add(9, picture(10, 5));
  cache.add(3, picture(1000, 3));
  cache.add(4, picture(1000, 4));
  cache.add(5, picture(10, 6));
  cache.add(6, picture(10, 7));
  assert.equal(cache.bytes, 2 * 10 ** 6 + 200);
  assert.deepEqual(
    [7, 9, 3, 5].map((i) => cache.get(i)),
    [picture(1000, 1), picture(10, 2), picture(1000, 3), picture(10, 6)],
  );
  assert.deepEqual([cache.get(4), cache.get(6)], [undefined, undefined]);
});

test("many small pictures do not lie over one another", () => {
  const cache = new PictureCache(Infinity);
  for (let i = 0; i < 9000; i++) cache.add(i, picture(28, i % 256));
  for (let i = 0; i < 9000; i++)
    assert.ok(
      cache.get(i)!.data.every((x) => x === i % 256),
      `picture ${i}`,
    );
});

test("colour is dropped only where there is none", () => {
  const rgb = (...data: number[]): Picture => ({ data: Uint8Array.from(data), width: 2, height: 1, channels: 3 });
  assert.deepEqual(withoutColour(rgb(1, 1, 1, 9, 9, 9)), {
    data: Uint8Array.of(1, 9),
    width: 2,
    height: 1,
    channels: 1,
  });
  for (const colour of [rgb(1, 1, 1, 9, 9, 8), rgb(1, 1, 1, 9, 8, 9)]) assert.equal(withoutColour(colour), colour);
  const rgba: Picture = { data: Uint8Array.of(3, 3, 3, 255, 4, 4, 4, 254), width: 2, height: 1, channels: 4 };
  assert.equal(withoutColour(rgba), rgba);
});
