import assert from "node:assert/strict";
import { test } from "node:test";
import { checksum } from "./checksum.ts";

// Values that the self-test of Jenkins' lookup3.c prints (`driver5`), and those of its test string.
test("lookup3 gives what its author's own test prints", () => {
  const text = (s: string) => new TextEncoder().encode(s);
  assert.equal(checksum(new Uint8Array()), 0xdeadbeef);
  assert.equal(checksum(text("Four score and seven years ago")), 0x17770551);
});

test("takes all bytes into account, at any length and alignment", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 7 + 1);
  const seen = new Set<number>();
  for (let length = 0; length <= 40; length++) {
    const sum = checksum(bytes.subarray(3, 3 + length));
    assert.equal(checksum(bytes.slice(3, 3 + length)), sum);
    seen.add(sum);
    for (let i = 0; i < length; i++) {
      const changed = bytes.slice(3, 3 + length);
      changed[i] ^= 0x10;
      assert.notEqual(checksum(changed), sum, `byte ${i} of ${length}`);
    }
  }
  assert.equal(seen.size, 41);
});
