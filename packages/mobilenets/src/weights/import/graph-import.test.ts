import assert from "node:assert/strict";
import { test } from "node:test";
import { reference } from "../../engines/reference.ts";
import { tensor } from "../../tensor.ts";
import { GraphImport } from "./graph-import.ts";
import { recognise } from "./recognise.ts";

const x = tensor([1, 1, 2, 2], [-4, -1, 2, 5]);
const constant = (shape: number[], ...values: number[]) => ({ constant: tensor(shape, values) });

async function run(build: (g: GraphImport) => string, simplify = false) {
  const g = new GraphImport("g", "x", [1, 2, 2], "file");
  const built = g.build(build(g));
  const program = simplify ? recognise(built) : built;
  const executable = await reference.compile(program);
  const [{ data }] = await executable.run(x);
  return { values: [...data].map((v) => Math.round(v * 1e5) / 1e5), ops: program.graph.nodes.map(({ op }) => op) };
}

const input = { value: "x" };

test("arithmetic with one number is a rescaling, in either order", async () => {
  assert.deepEqual((await run((g) => g.add("y", input, constant([], 3)))).values, [-1, 2, 5, 8]);
  assert.deepEqual((await run((g) => g.add("y", constant([1, 1], 3), input))).values, [-1, 2, 5, 8]);
  assert.deepEqual((await run((g) => g.subtract("y", input, constant([], 1)))).values, [-5, -2, 1, 4]);
  assert.deepEqual((await run((g) => g.subtract("y", constant([], 1), input))).values, [5, 2, -1, -4]);
  assert.deepEqual((await run((g) => g.multiply("y", input, constant([2], 2, 2)))).values, [-8, -2, 4, 10]);
  assert.deepEqual((await run((g) => g.divide("y", input, constant([], 4)))).values, [-1, -0.25, 0.5, 1.25]);
  assert.deepEqual((await run((g) => g.divide("y", input, constant([], 4)))).ops, ["rescaling"]);
});

test("arithmetic with a number a channel is a batch norm", async () => {
  const { values, ops } = await run((g) => {
    const scaled = g.multiply("a", input, constant([1, 1, 1, 2], 2, -1));
    return g.add("b", { value: scaled }, constant([2], 10, 0));
  });
  assert.deepEqual(values, [2, 1, 14, -5]);
  assert.deepEqual(ops, ["batch_normalization", "batch_normalization"]);
});

test("results are added, subtracted and multiplied, a gate in either order", async () => {
  assert.deepEqual((await run((g) => g.add("y", input, input))).values, [-8, -2, 4, 10]);
  assert.deepEqual((await run((g) => g.subtract("y", input, input))).values, [0, 0, 0, 0]);
  for (const flip of [false, true]) {
    const { values } = await run((g) => {
      const gate = { value: g.pool("p", "x", "max", true) };
      return flip ? g.multiply("y", gate, input) : g.multiply("y", input, gate);
    });
    assert.deepEqual(values, [-8, -5, 4, 25]);
  }
});

test("a rescaling in two steps, a hard sigmoid and a hard swish are recognised", async () => {
  const sigmoid = (g: GraphImport) => {
    const shifted = g.add("a", input, constant([], 3));
    const clipped = g.activation("b", shifted, "relu6");
    return g.multiply("c", { value: clipped }, constant([], Math.fround(1 / 6)));
  };
  assert.deepEqual(await run(sigmoid, true), { values: [0, 0.33333, 0.83333, 1], ops: ["activation"] });
  const swish = (g: GraphImport) => g.multiply("d", { value: sigmoid(g) }, input);
  assert.deepEqual(await run(swish, true), { values: [-0, -0.33333, 1.66667, 5], ops: ["activation"] });
  const twice = (g: GraphImport) => {
    const first = { value: g.multiply("a", input, constant([], 2)) };
    const second = { value: g.subtract("b", first, constant([], 1)) };
    return g.multiply("c", second, constant([], 3));
  };
  assert.deepEqual(await run(twice, true), { values: [-27, -9, 9, 27], ops: ["rescaling"] });
});

test("a 3 that the converter added to a bias is taken out of it again", async () => {
  const conv = (g: GraphImport) => {
    const kernel = tensor([1, 1, 2, 2], [1, 0, 0, 1]);
    const window = { strides: [1, 1], padding: "valid" } as const;
    const clipped = g.conv("c", "x", kernel, tensor([2], [3.5, 2]), window, "relu6");
    return g.multiply("y", { value: clipped }, constant([], 1 / 6));
  };
  const [plain, simple] = [await run(conv), await run(conv, true)];
  assert.deepEqual(simple.values, plain.values);
  assert.deepEqual(plain.ops, ["conv2d", "rescaling"]);
  assert.deepEqual(simple.ops, ["conv2d", "activation"]);
});

test("names are kept, or made unique", () => {
  const g = new GraphImport("g", "x", [4, 4, 2], "file");
  assert.equal(g.activation("a/b", "x", "relu"), "a/b");
  assert.equal(g.activation("a/b", "x", "relu"), "a/b_1");
  assert.equal(g.activation("constructor", "x", "relu"), "_constructor");
  assert.equal(g.activation("a", "x", "linear"), "x");
});

test("refuses what does not fit, naming the file and the operator", () => {
  const g = new GraphImport("g", "x", [4, 4, 2], "file");
  const window = { strides: [1, 1], padding: "same" } as const;
  const kernel = tensor([1, 1, 3, 2]);
  const refused = (act: () => unknown, message: RegExp) => assert.throws(act, { name: "WeightsError", message });
  refused(
    () => g.conv("c", "x", kernel, undefined, window, "linear"),
    /^file: c: kernel of shape \[1,1,3,2\], expected \[1,1,2,2\]/,
  );
  refused(() => g.conv("c", "x", tensor([2, 2]), undefined, window, "linear"), /^file: c: weights of shape \[2,2\]/);
  const still = { strides: [0, 1], padding: "same" } as const;
  refused(() => g.conv("c", "x", tensor([1, 1, 2, 2]), undefined, still, "linear"), /strides \[0,1\]/);
  refused(
    () => g.conv("c", "x", tensor([1, 1, 2, 2]), tensor([3]), window, "linear"),
    /bias of shape \[3\], expected \[2\]/,
  );
  refused(
    () => g.add("s", { value: "x" }, { value: g.pool("p", "x", "max", true) }),
    /^file: s: \[1,4,4,2\] \+ \[1,1,1,2\]/,
  );
  refused(() => g.add("s", constant([], 1), constant([], 2)), /^file: s: two constants/);
  refused(() => g.divide("s", constant([], 1), input), /a division of one result by another/);
  refused(() => g.multiply("m", input, constant([3], 1, 2, 3)), /a constant of shape \[3\], expected one number, or 2/);
  refused(() => g.reshape("r", "x", [5]), /^file: r: a reshape of 32 numbers to \[5\]/);
  refused(() => g.pad("q", "x", { top: -1, bottom: 0, left: 0, right: 0 }), /^file: q: padding/);
});
