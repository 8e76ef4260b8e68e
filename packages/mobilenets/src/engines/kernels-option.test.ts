import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../graph/builder.ts";
import { unary } from "../graph/ops/unary.ts";
import { fromHex } from "../kernels/from-hex.ts";
import { bytes as core } from "../kernels/generated/simd.ts";
import { bytes as training } from "../kernels/generated/training-simd.ts";
import { tensor } from "../tensor.ts";
import { selectEngine } from "./select.ts";

// Hosts that cannot compile get modules; one of them lacks the kernels of layers that none of our networks has.
const compiled = (hex: string) => new WebAssembly.Module(fromHex(hex));

const b = new GraphBuilder("bent", [2, 2, 3]);
b.add(unary, "y", [b.input], { function: "tanh" });
const program = { graph: b.build("y"), weights: {} };

test("kernels of networks alone are refused for a model with other layers, whichever engine is asked for", async () => {
  for (const engine of ["wasm", "auto"] as const) {
    await assert.rejects(
      selectEngine(engine, { kernels: compiled(core) }).compile(program),
      /kernels: kernels without those that layers of bent need, expected mobilenets\/kernels\/training-simd\.wasm/,
    );
  }
});

test("the larger module has them", async () => {
  const executable = await selectEngine("wasm", { kernels: compiled(training) }).compile(program);
  const x = tensor(
    [1, 2, 2, 3],
    Float32Array.from({ length: 12 }, (_, i) => i / 4 - 1),
  );
  const [{ data }] = await executable.run(x);
  data.forEach((y, i) => {
    assert.ok(Math.abs(y - Math.tanh(x.data[i])) < 1e-6);
  });
  executable.dispose();
});
