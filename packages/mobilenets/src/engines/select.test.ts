import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { engineNames, selectEngine } from "./select.ts";

test("engines go by their names, auto is the fastest", () => {
  assert.deepEqual(engineNames, ["auto", "wasm", "reference"]);
  assert.match(selectEngine("auto").name, /^wasm/);
  assert.match(selectEngine("wasm", { threads: 2 }).name, /^wasm/);
  assert.equal(selectEngine("reference").name, "reference");
});

test("an unknown engine is refused with the names there are", () => {
  for (const name of ["WASM", "toString", ""]) {
    assert.throws(
      () => selectEngine(name),
      (error) => error instanceof OptionError && error.expected === "one of auto, wasm, reference",
    );
  }
});

test("threads are a positive whole number or auto", () => {
  for (const threads of [0, -1, 1.5, Number.NaN]) {
    assert.throws(
      () => selectEngine("wasm", { threads }),
      (error) => error instanceof OptionError && error.found === String(threads),
    );
  }
});
