import assert from "node:assert/strict";
import { test } from "node:test";
import wabt from "wabt";
import { load } from "../load.ts";
import { tensor } from "../tensor.ts";
import { bytes as relaxedBytes } from "./generated/relaxed.ts";
import { bytes as simdBytes } from "./generated/simd.ts";
import { bestIsa, kernelModule, supports } from "./modules.ts";

const decode = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const modules = { simd: decode(simdBytes), relaxed: decode(relaxedBytes) };

/** Whether a module is valid for hosts with or without relaxed SIMD, on any host. */
async function validates(bytes: Uint8Array, relaxed: boolean): Promise<boolean> {
  const { readWasm } = await wabt();
  try {
    const module = readWasm(bytes, { simd: true, threads: true, bulk_memory: true, relaxed_simd: relaxed });
    module.validate();
    module.destroy();
    return true;
  } catch {
    return false;
  }
}

test("the simd module is valid everywhere, the relaxed one where there is relaxed SIMD", async () => {
  assert.equal(await validates(modules.simd, false), true);
  assert.equal(await validates(modules.simd, true), true);
  assert.equal(await validates(modules.relaxed, false), false);
  assert.equal(await validates(modules.relaxed, true), true);
});

test("this host's answer is what its engine says of the whole modules", async () => {
  assert.equal(supports("simd"), true);
  assert.equal(WebAssembly.validate(modules.simd), true);
  assert.equal(WebAssembly.validate(modules.relaxed), supports("relaxed"));
  assert.equal(bestIsa(), supports("relaxed") ? "relaxed" : "simd");
});

test("relaxed SIMD is there where the caller of the tests says so", async () => {
  if (process.env.MOBILENETS_EXPECT_RELAXED === "1") assert.equal(supports("relaxed"), true);
});

test("a module that the host has compiled serves instead of ours, on one thread", async () => {
  const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 4, weights: "random" } as const;
  const kernels = new WebAssembly.Module(modules.simd);
  const given = await load("mobilenet_v1", { ...options, kernels });
  const own = await load("mobilenet_v1", { ...options, threads: 1 });
  const input = tensor([1, 32, 32, 3]);
  input.data.fill(0.5);
  const [a, b] = [await given.predict(input), await own.predict(input)];
  a.data.forEach((value, i) => void assert.ok(Math.abs(value - b.data[i]) < 1e-6));
  assert.equal(given.engine, "wasm");
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await assert.rejects(load("mobilenet_v1", { ...options, kernels: empty }), /^OptionError: kernels: another value/);
  await assert.rejects(load("mobilenet_v1", { ...options, kernels, threads: 2 }), /threads: 2, expected 1 or "auto"/);
  given.dispose();
  own.dispose();
});

test("modules import a memory, shared or not, and export what the engine calls", async () => {
  const module = await kernelModule("simd", false);
  assert.deepEqual(WebAssembly.Module.imports(module), [{ module: "env", name: "memory", kind: "memory" }]);
  const names = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]);
  assert.deepEqual(names, [
    ["run", "function"],
    ["prepare", "function"],
    ["work", "function"],
    ["pictures", "function"],
    ["pack", "function"],
  ]);
  const shared = await kernelModule("simd", true);
  for (const [code, isShared] of [
    [module, false],
    [shared, true],
  ] as const) {
    const link = (ofShared: boolean) =>
      new WebAssembly.Instance(code, {
        env: { memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: ofShared }) },
      });
    assert.doesNotThrow(() => link(isShared));
    assert.throws(() => link(!isShared), WebAssembly.LinkError);
  }
});

test("a module is compiled once", async () => {
  assert.equal(await kernelModule("simd", false), await kernelModule("simd", false));
  assert.notEqual(await kernelModule("simd", false), await kernelModule("simd", true));
});
