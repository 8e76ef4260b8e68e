import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../load.ts";
import { tensor } from "../../tensor.ts";
import { widenFloat16 } from "../containers/half.ts";
import { narrowFloat16, writeHalf } from "./half-write.ts";
import { writeModelFile } from "./model-file.ts";

test("every float16 survives the way through float32 and back", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((h) => (h & 0x7fff) <= 0x7c00);
  assert.deepEqual(narrowFloat16(widenFloat16(all)), all);
  assert.equal(narrowFloat16(Float32Array.of(Number.NaN))[0] & 0x7fff, 0x7e00);
});

// Values and their nearest neighbours, by the definition of the format.
test("what lies between goes to the nearest, ties to even", () => {
  const cases: [number, number][] = [
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [-(2 - 2 ** -12), 0xc000],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -25, 0],
    [1.5 * 2 ** -24, 2],
    [2 ** -25 + 2 ** -40, 1],
    [2 ** -14 - 2 ** -26, 0x0400],
  ];
  const found = narrowFloat16(Float32Array.from(cases.map(([value]) => value)));
  assert.deepEqual(
    [...found],
    cases.map(([, bits]) => bits),
  );
});

test("a file of half the size is the same network, its answers nearly the same", async () => {
  const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 5 } as const;
  const model = await load("mobilenet_v1", { ...options, weights: "random", engine: "reference" });
  const { bytes } = await writeHalf(model);
  assert.ok(bytes.length < 0.6 * writeModelFile(model).length);
  const again = await load("mobilenet_v1", { weights: bytes, engine: "reference" });
  assert.equal(again.program.graph.nodes.length, model.program.graph.nodes.length);
  const input = tensor([1, 32, 32, 3]);
  input.data.forEach((_, i) => {
    input.data[i] = Math.sin(i);
  });
  const [a, b] = [await model.predict(input), await again.predict(input)];
  a.data.forEach((value, i) => {
    assert.ok(Math.abs(value - b.data[i]) < 1e-3, `${value} and ${b.data[i]}`);
  });
  assert.deepEqual(again.program.weights["conv1_bn/gamma"], model.program.weights["conv1_bn/gamma"]);
});
