import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { engineNames, selectEngine } from "./select.ts";

test("engines go by their names, auto is the fastest", () => {
  assert.deepEqual(engineNames, ["auto", "wasm", "onnxruntime", "reference"]);
  assert.match(selectEngine("auto").name, /^wasm/);
  assert.match(selectEngine("wasm", { threads: 2 }).name, /^wasm/);
  assert.equal(selectEngine("reference").name, "reference");
  assert.equal(selectEngine("onnxruntime").name, "onnxruntime");
  assert.equal(selectEngine("onnxruntime", { providers: ["cuda", "cpu"] }).name, "onnxruntime-cuda");
});

test("an unknown engine is refused with the names there are", () => {
  for (const name of ["WASM", "toString", ""]) {
    assert.throws(
      () => selectEngine(name),
      (error) => error instanceof OptionError && error.expected === "one of auto, wasm, onnxruntime, reference",
    );
  }
});

test("threads are a positive whole number up to 64, or auto", () => {
  for (const threads of [0, -1, 1.5, Number.NaN, 65, 1000]) {
    assert.throws(
      () => selectEngine("wasm", { threads }),
      (error) => error instanceof OptionError && error.found === String(threads),
    );
    assert.throws(() => selectEngine("onnxruntime", { threads }), OptionError);
  }
});

test("an option of one engine is refused by the others", () => {
  const kernels = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const [options, message, names] of [
    [
      { providers: ["cuda"] },
      /^providers: given for engine \w+, expected engine onnxruntime$/,
      ["auto", "wasm", "reference"],
    ],
    [{ kernels }, /^kernels: given for engine \w+, expected engine auto or wasm$/, ["onnxruntime", "reference"]],
  ] as const) {
    for (const name of names) {
      assert.throws(
        () => selectEngine(name, options),
        (error) => error instanceof OptionError && message.test(error.message),
      );
    }
  }
});
