import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, count, percent, ranges, short, unbroken } from "./units.ts";

test("numbers in three digits", () => {
  assert.deepEqual([39, 2336, 9999, 10_640, 618_000, 4_253_864, 568_740_352, 4_867_293_184].map(short), [
    "39",
    "2,336",
    "9,999",
    "10.6 k",
    "618 k",
    "4.25 M",
    "569 M",
    "4.87 G",
  ]);
  assert.deepEqual([12, 603_648, 57_971_264, 148_000_000].map(bytes), ["12 B", "604 kB", "58.0 MB", "148 MB"]);
  assert.equal(percent(39 / 108), "36.1 %");
  assert.deepEqual([count(1, "block"), count(13, "block")], ["1 block", "13 blocks"]);
});

test("of names that count up only the first and the last", () => {
  assert.equal(ranges(["stem", "block_3", "block_3", "block_4", "block_5", "head"]), "stem, block_3 to block_5, head");
  assert.equal(ranges(["block 1", "block 2", "block 4"]), "block 1, block 2, block 4");
  assert.equal(
    ranges(["expanded_conv", "expanded_conv_9", "expanded_conv_10", "expanded_conv_11"]),
    "expanded_conv, expanded_conv_9 to expanded_conv_11",
  );
  assert.equal(ranges([]), "");
});

test("sizes and units stay on one line, words do not", () => {
  const space = "\u00a0";
  assert.equal(unbroken("4 kernels of 3 x 3 x 3"), `4 kernels of 3${space}x${space}3${space}x${space}3`);
  assert.equal(
    unbroken("5.31 MB, 18.1 % of 462 k parameters"),
    `5.31${space}MB, 18.1${space}% of 462${space}k parameters`,
  );
  assert.equal(unbroken("make 4 kernels, 3 Markers, relu6(x + 3)"), "make 4 kernels, 3 Markers, relu6(x + 3)");
});
