import assert from "node:assert/strict";
import { test } from "node:test";
import { func, params } from "./func.ts";
import { add, callFor, f32, f32x4, get, i32, select, set, tee, v128, when } from "./instructions.ts";

/** The locals that a function declares, in order. */
const localsOf = (text: string) => [...text.matchAll(/\(local \$(\S+) (\w+)\)/g)].map(([, name, type]) => [name, type]);

test("a function declares the locals that its body sets, grouped by type", () => {
  const text = func(
    { name: "f", params: params("i32", "p") },
    set("x", v128.load(get("p"))),
    set("k", add(get("p"), i32(1))),
    set("y", f32x4.add(get("x"), get("x"))),
    set("p", get("k")),
  );
  assert.deepEqual(localsOf(text), [
    ["k", "i32"],
    ["x", "v128"],
    ["y", "v128"],
  ]);
});

test("a local's type is that of what it is set to, wherever that comes from", () => {
  const text = func(
    { exported: "f", params: params("v128", "v") },
    // `copy` is set before `lane` has a type.
    set("copy", get("lane")),
    set("lane", f32x4.extract_lane(0, get("v"))),
    set("chosen", select(get("copy"), f32(0), f32.lt(get("copy"), f32(1)))),
    set("less", f32.lt(get("copy"), f32(1))),
    set("mask", f32x4.lt(get("v"), get("v"))),
    set("called", callFor("i64", "g", get("v"))),
    when(tee("bits", v128.any_true(get("v"))), set("v", get("mask"))),
  );
  assert.deepEqual(Object.fromEntries(localsOf(text)), {
    copy: "f32",
    lane: "f32",
    chosen: "f32",
    less: "i32",
    mask: "v128",
    called: "i64",
    bits: "i32",
  });
});

test("a local that is read and never set is an error, unless it is a zero by intent", () => {
  assert.throws(() => func({ name: "f", params: [] }, i32.store(get("a"), i32(0))), /f: \$a is read, and nothing/);
  const text = func({ name: "f", params: [], zeros: params("v128", "z") }, v128.store(i32(0), get("z")));
  assert.deepEqual(localsOf(text), [["z", "v128"]]);
});

test("a local cannot hold values of two types", () => {
  assert.throws(
    () => func({ name: "f", params: [] }, set("a", i32(1)), set("a", f32(1))),
    /f: \$a is i32, and is set to f32/,
  );
});
