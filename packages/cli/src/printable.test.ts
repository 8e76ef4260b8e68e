import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableLines, printableOutput } from "./printable.ts";

test("what a terminal would act on is spelt out, all else stays", () => {
  assert.equal(printable("photos/Größe 1 \u{1f63a} 猫.jpg"), "photos/Größe 1 \u{1f63a} 猫.jpg");
  assert.equal(printable("a\u{1f469}\u200d\u{1f52c}.png"), "a\u{1f469}\u200d\u{1f52c}.png");
  assert.equal(printable("\x1b[2Jcat\r\n.jpg\x9b\x7f"), "\\u001b[2Jcat\\u000d\\u000a.jpg\\u009b\\u007f");
  assert.equal(printable("photo\u202egpj.exe\u2028\ud800"), "photo\\u202egpj.exe\\u2028\\ud800");
});

test("lines stay lines, and colours stay in what goes out; JSON says the same", () => {
  assert.equal(printableLines("a\n\tb\x1b[31mc\r"), "a\n\tb\\u001b[31mc\\u000d");
  assert.equal(
    printableOutput("\x1b[1ma\x1b[22m\n\tb\x1b[2Jc\x1b]0;t\x07"),
    "\x1b[1ma\x1b[22m\n\tb\\u001b[2Jc\\u001b]0;t\\u0007",
  );
  const value = { path: "a\x9b\u202e\x7f\x1b[31m\n\u{1f63a}.jpg" };
  const line = printableOutput(JSON.stringify(value));
  assert.deepEqual(JSON.parse(line), value);
  assert.doesNotMatch(line, /[\p{Cc}\u202e]/u);
});
