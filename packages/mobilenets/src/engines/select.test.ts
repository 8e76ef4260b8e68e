import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { randomProgram } from "../../../../test/support/random-program.ts";
import { EngineError, OptionError, UnsupportedError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import type { Engine } from "./engine.ts";
import { reference } from "./reference.ts";
import { engineNames, firstSupporting, selectEngine } from "./select.ts";

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

const program: Program = randomProgram(
  graphOf([1, 1, 4], (b) => b.add(activation, "y", [b.input], { activation: "relu" })),
  1,
);

/** An engine that compiles nothing. */
const refusing = (error: Error): Engine => ({
  name: "refusing",
  compile: async () => {
    throw error;
  },
});
const lacks = new UnsupportedError({ where: "y", found: 'op "y"' });
const broken = new EngineError({ where: "y", found: "no room for 7 MiB" });

test("auto goes on to the next engine where one lacks something, when it is made or when it compiles", async () => {
  for (const first of [
    () => refusing(lacks),
    () => {
      throw lacks;
    },
  ]) {
    const told: string[] = [];
    const engine = firstSupporting([first, () => reference], (note) => told.push(note));
    const executable = await engine.compile(program);
    assert.equal(engine.name, "reference");
    assert.deepEqual(told, ['y: op "y"; the engine "reference" takes over, which may be much slower']);
    executable.dispose();
  }
});

test("auto goes on for no other error, and ends with the last engine's", async () => {
  const silent = () => assert.fail("nothing takes over");
  await assert.rejects(firstSupporting([() => refusing(broken), () => reference], silent).compile(program), broken);
  await assert.rejects(firstSupporting([() => refusing(lacks)], silent).compile(program), lacks);
  const throwing = () => {
    throw broken;
  };
  assert.throws(() => firstSupporting([throwing, () => reference], silent), broken);
});

test("a host without SIMD runs the reference engine by auto, and says what is missing by name", (t) => {
  t.mock.method(WebAssembly, "validate", () => false);
  const told: string[] = [];
  assert.equal(selectEngine("auto", {}, (note) => told.push(note)).name, "reference");
  assert.match(told.join(), /^wasm engine: a host without WebAssembly SIMD.*; the engine "reference" takes over/);
  assert.throws(() => selectEngine("wasm"), /^EngineError: wasm engine: a host without WebAssembly SIMD/);
});
