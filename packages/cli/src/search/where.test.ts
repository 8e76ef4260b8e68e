import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCondition } from "./where.ts";

const row = {
  path: "shop/cats/a [1].jpg",
  width: 800,
  label: "tabby",
  labels: [{ label: "cat", probability: 0.9 }, { label: "dog" }],
  tags: ["red", "new"],
  meta: { price: 12.5, shop: "north" },
  empty: null,
};

for (const [text, expected] of [
  ["path=shop/**", true],
  ["path=shop/*", false],
  ["path=**/*.jpg", true],
  ["path=shop/cats/a [1].jpg", true],
  ["path!=**/dogs/**", true],
  ["width=800", true],
  ["width = 800.0", true],
  ["width>=800", true],
  ["width>800", false],
  ["width<801", true],
  ["width<=799", false],
  ["label=tab*", true],
  ["label!=tabby", false],
  ["labels=dog", true],
  ["labels=bird", false],
  ["tags=new", true],
  ["meta.price>12", true],
  ["meta.shop=north", true],
  ["missing=x", false],
  ["missing!=x", true],
  ["missing>0", false],
  ["empty=null", false],
  ["label>3", false],
  ["toString=*", false],
] as const) {
  test(`--where '${text}'`, () => assert.equal(parseCondition(text).accepts(row), expected));
}

test("a column is known if a row has a value in it", () => {
  for (const [key, known] of [
    ["width", true],
    ["meta.price", true],
    ["empty", false],
    ["missing", false],
  ] as const) {
    assert.equal(parseCondition(`${key}!=x`).has(row), known, key);
  }
});

test("what is no condition is refused with an example", () => {
  for (const text of ["", "width", "=3", "width=", "width>wide", ">="]) {
    assert.throws(() => parseCondition(text), /--where: .*expected/, text);
  }
});
