import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "./printable.ts";

test("what a terminal would act on is spelt out, all else stays", () => {
  assert.equal(printable("photos/Größe 1 \u{1f63a} 猫.jpg"), "photos/Größe 1 \u{1f63a} 猫.jpg");
  assert.equal(printable("a\u{1f469}\u200d\u{1f52c}.png"), "a\u{1f469}\u200d\u{1f52c}.png");
  assert.equal(printable("\x1b[2Jcat\r\n.jpg\x9b\x7f"), "\\u{1b}[2Jcat\\u{d}\\u{a}.jpg\\u{9b}\\u{7f}");
  assert.equal(printable("photo\u202egpj.exe\u2028\ud800"), "photo\\u{202e}gpj.exe\\u{2028}\\u{d800}");
});
