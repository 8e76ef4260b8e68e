import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLiteral } from "./python-literal.ts";

const tuple = (...items: unknown[]) => ({ kind: "tuple", items });
const list = (...items: unknown[]) => ({ kind: "list", items });

test("literals of the kinds that headers have", () => {
  assert.deepEqual(parseLiteral("'<f4'"), "<f4");
  assert.deepEqual(parseLiteral('  "it is"\n'), "it is");
  assert.deepEqual(parseLiteral("True"), true);
  assert.deepEqual(parseLiteral("-12"), -12);
  assert.deepEqual(parseLiteral("()"), tuple());
  assert.deepEqual(parseLiteral("( 3 ,)"), tuple(3));
  assert.deepEqual(parseLiteral("(3)"), 3);
  assert.deepEqual(parseLiteral("(3, 4)"), tuple(3, 4));
  assert.deepEqual(
    parseLiteral("[('a', '<f4'), ('b', '<i4', (2,))]"),
    list(tuple("a", "<f4"), tuple("b", "<i4", tuple(2))),
  );
  assert.deepEqual(parseLiteral("{}"), { kind: "dict", entries: new Map() });
  const entries = new Map<string, unknown>([
    ["__proto__", 1],
    ["b", false],
  ]);
  assert.deepEqual(parseLiteral("{'__proto__': 1, 'b': False, }"), { kind: "dict", entries });
  assert.deepEqual(parseLiteral("{'__proto__': 1, 'b': False}"), { kind: "dict", entries });
});

test("all else is refused", () => {
  for (const [text, message] of [
    ["", /^the end where a value is due/],
    ["{", /^the end where a value is due/],
    ["{'a' 1}", /^"1\}" where a colon is due/],
    ["{'a': 1 'b': 2}", /where a comma or \} is due/],
    ["{'a': 1,, }", /^", \}"|^",, \}"|where a value is due/],
    ["{1: 2}", /^the key 1/],
    ["{'a': 1, 'a': 2}", /^the key 'a' twice/],
    ["(1, 2", /^the end where a comma or the closing bracket is due/],
    ["(1, 2]", /^"\]" where a comma/],
    ["(,)", /where a value is due/],
    ["1 2", /^"2" where the end is due/],
    ["'a\\x41'", /where a value is due/],
    ["'a\nb'", /where a value is due/],
    ["__import__('os')", /^"__import__\('os'\)" where a value/],
    ["None", /where a value/],
    ["Truest", /where a value/],
    ["007", /where a value|where the end/],
    ["3L", /where/],
    ["-0", /where a value/],
    ["1.5", /where the end/],
    ["1e3", /where/],
    ["[".repeat(5000), /^brackets more than 16 deep/],
  ] as const) {
    assert.throws(() => parseLiteral(text), { name: "SyntaxError", message });
  }
});

test("a header full of one thing takes no long time", () => {
  const start = performance.now();
  for (const text of [`(${"1,".repeat(5000)})`, " ".repeat(10_000), `'${"a".repeat(10_000)}`, "9".repeat(10_000)]) {
    try {
      parseLiteral(text);
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
    }
  }
  assert.ok(performance.now() - start < 1000);
});
