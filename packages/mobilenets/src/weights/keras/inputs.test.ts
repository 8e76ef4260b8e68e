import assert from "node:assert/strict";
import { test } from "node:test";
import { kerasLayer, tinyConfig, tinyWeights } from "../../../../../test/support/keras-file.ts";
import { reference } from "../../engines/reference.ts";
import { WeightsError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { graphOfKerasConfig } from "./config.ts";

const shape = [null, 4, 4, 1];
const from = (name: string) => ({
  class_name: "__keras_tensor__",
  config: { shape, dtype: "float32", keras_history: [name, 0, 0] },
});

/** A Keras 3 model of an input and the test's layers; `x` is the last. */
function around(...layers: readonly Record<string, unknown>[]) {
  const input = kerasLayer("InputLayer", "input", { batch_shape: shape });
  const config = { name: "m", layers: [input, ...layers], input_layers: ["input", 0, 0], output_layers: ["x", 0, 0] };
  return graphOfKerasConfig({ class_name: "Functional", config }, "m.keras");
}

const called = (className: string, ...args: unknown[]) => around(kerasLayer(className, "x", {}, ...args));

function refused(make: () => unknown, pattern: RegExp): void {
  assert.throws(make, (error: unknown) => error instanceof WeightsError && pattern.test(error.message));
}

test("arithmetic with a number is a rescaling, as Keras 3 and as TensorFlow functions in Keras 2 write it", () => {
  const inKeras2 = (name: string, y: number) =>
    around({
      class_name: "TFOpLambda",
      name: "x",
      config: { name: "x", function: name },
      inbound_nodes: [["input", 0, 0, { y, name: null }]],
    });
  const cases = [
    [called("Add", from("input"), 3), 1, 3],
    [called("Subtract", from("input"), 1), 1, -1],
    [called("Multiply", from("input"), 0.25), 0.25, 0],
    [called("Divide", from("input"), 4), 0.25, 0],
    [called("TrueDivide", from("input"), 4), 0.25, 0],
    [called("Subtract", 1, from("input")), -1, 1],
    [inKeras2("__operators__.add", 3), 1, 3],
    [inKeras2("math.subtract", 1), 1, -1],
    [inKeras2("math.multiply", 0.25), 0.25, 0],
    [inKeras2("math.truediv", 4), 0.25, 0],
  ] as const;
  for (const [{ nodes }, scale, offset] of cases) {
    assert.deepEqual(nodes, [
      { name: "x", op: "rescaling", inputs: ["input"], attrs: { scale, offset }, shape: [1, 4, 4, 1] },
    ]);
  }
  refused(() => called("Power", from("input"), 2), /^m.keras: x: Power with the number 2, expected \+ - \* or \//);
  refused(() => inKeras2("math.floordiv", 2), /TFOpLambda with the number 2/);
  refused(() => called("Subtract", 1, from("input"), 2), /x: arguments \[1,.*expected a tensor, and perhaps a number/);
});

test("takes tensors one by one or in a list, and arguments that do nothing at inference", () => {
  for (const graph of [called("Add", [from("input"), from("input")]), called("Add", from("input"), from("input"))]) {
    assert.deepEqual(graph.nodes[0].inputs, ["input", "input"]);
  }
  const layer = kerasLayer("ReLU", "x", {});
  const calledWith = (kwargs: unknown, args: unknown = [from("input")]) =>
    around({ ...layer, inbound_nodes: [{ args, kwargs }] });
  assert.equal(calledWith({ training: false, mask: null, other: null }).nodes.length, 1);
  refused(() => calledWith({ scale: 2 }), /x: an argument "scale" with value 2, expected tensors alone/);
  refused(() => calledWith([], [from("input")]), /x: a call .*expected args and kwargs/);
  refused(() => calledWith({}, from("input")), /x: a call .*expected args and kwargs/);
  refused(() => calledWith({}, ["input"]), /x: a reference undefined, expected \["layer", 0, 0\]/);
  refused(() => calledWith({}, [{ config: { keras_history: ["input", 0, 1] } }]), /x: a reference \["input",0,1\]/);
});

test("augmentation passes pictures on unchanged", () => {
  const flip = kerasLayer("RandomFlip", "flip", {}, from("input"));
  const [layer, ...none] = around(flip, kerasLayer("ReLU", "x", {}, from("flip"))).nodes;
  assert.deepEqual([layer.inputs, none], [["input"], []]);
  // On its own it computes nothing.
  assert.throws(() => called("RandomFlip", from("input")), /m: an output that is the input itself/);
});

test("knows Keras 3's activations, and functions by their name", () => {
  const activationOf = (activation: unknown) =>
    around(kerasLayer("Activation", "x", { activation }, from("input"))).nodes[0].attrs;
  const named = (config: string) => ({
    module: "builtins",
    class_name: "function",
    config,
    registered_name: "function",
  });
  assert.deepEqual(activationOf("hard_silu"), { activation: "hard_swish" });
  assert.deepEqual(activationOf("hard_sigmoid"), { activation: "hard_sigmoid" });
  assert.deepEqual(activationOf(named("hard_swish")), { activation: "hard_swish" });
  assert.deepEqual(activationOf(named("relu6")), { activation: "relu6" });
  refused(() => activationOf(named("mine")), /x: activation .*mine.*, expected one of linear/);
});

test("a model in a model, arithmetic and a head compute what their formulas say", async () => {
  const graph = graphOfKerasConfig(tinyConfig(), "tiny.keras");
  const picture = tensor(
    [1, 4, 4, 1],
    Array.from({ length: 16 }, (_, i) => (i - 5) / 4),
  );
  const [output] = await (await reference.compile({ graph, weights: tinyWeights })).run(picture);

  const value = (name: string) => tinyWeights[name].data;
  const maps = [0, 1, 2, 3].flatMap((at) => {
    const [row, column] = [Math.floor(at / 2), at % 2];
    return [0, 1].map((c) => {
      let sum = 0;
      for (let k = 0; k < 9; k++) {
        const pixel = picture.data[(row + Math.floor(k / 3)) * 4 + column + (k % 3)] / 2;
        sum += pixel * value("conv/kernel")[k * 2 + c];
      }
      const norm = (name: string) => value(`norm/${name}`)[c];
      return ((sum - norm("moving_mean")) / Math.sqrt(norm("moving_variance") + 1e-3)) * norm("gamma") + norm("beta");
    });
  });
  const logits = [0, 1].map((j) =>
    maps.reduce((sum, x, i) => sum + x * value("dense/kernel")[i * 2 + j], value("dense/bias")[j]),
  );
  const second = 1 / (1 + Math.exp(logits[0] - logits[1]));
  assert.ok(Math.abs(output.data[1] - second) < 1e-5 && second > 1e-3 && second < 1 - 1e-3, `${output.data} ${second}`);
});
