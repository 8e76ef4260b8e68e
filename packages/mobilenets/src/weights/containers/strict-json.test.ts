import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStrictJson } from "./strict-json.ts";

test("plain JSON parses as usual", () => {
  const text = ' {"a": [1, "b:", "\\"c\\\\"], "d" : {"a": null, "":"a"}, "[": "{"} ';
  assert.deepEqual(parseStrictJson(text, 2), { a: [1, "b:", '"c\\'], d: { a: null, "": "a" }, "[": "{" });
});

test("a key given twice in one object is refused, also when spelt differently", () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061" :2}',
    '[{"x":{"b":1 , "b"\n:1}}]',
    '{"__proto__":1,"__proto__":2}',
  ]) {
    assert.throws(() => parseStrictJson(text, 4), /SyntaxError: key ".+" given twice/);
  }
});

test("nesting beyond the limit is refused before it is built", () => {
  assert.throws(() => parseStrictJson("[".repeat(50_000_000), 3), /nested deeper than 3 levels/);
  for (const levels of [4, 400_000]) {
    const text = "[".repeat(levels) + "]".repeat(levels);
    assert.throws(() => parseStrictJson(text, 3), /nested deeper than 3 levels/);
  }
  assert.deepEqual(parseStrictJson("[[[]]]", 3), [[[]]]);
});

test("broken JSON is a SyntaxError, whatever the scan makes of it", () => {
  for (const text of ["", "{", '"', '"\\', '{"a', "]", "}{", '{"a":1,}', '"a":1', '{"\u0001":1}', '{"\\x":1}']) {
    assert.throws(() => parseStrictJson(text, 3), SyntaxError);
  }
});
