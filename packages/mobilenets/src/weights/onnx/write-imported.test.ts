// Tests that layers that none of our networks has are read back as the same computation, with or without metadata.
import assert from "node:assert/strict";
import { test } from "node:test";
import { patternOf } from "../../../../../test/cases/pattern.ts";
import { randomProgram } from "../../../../../test/support/random-program.ts";
import { reference } from "../../engines/reference.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { unary } from "../../graph/ops/unary.ts";
import { unaryNames } from "../../graph/unary-functions.ts";
import { load } from "../../load.ts";
import { signedPreprocessing } from "../../models/preprocessing.ts";
import { decode, encode, loadWire } from "./codec.ts";
import { type ModelProto, modelProto } from "./schema.ts";
import { writeOnnx } from "./write.ts";

const wire = await loadWire("test");

function graph() {
  const b = new GraphBuilder("headed", [36, 40, 3]);
  let x = b.add(resize2d, "up", [b.input], { height: 48, width: 44, interpolation: "bilinear" });
  x = b.add(cropping2d, "middle", [x], { padding: { top: 3, bottom: 2, left: 1, right: 4 } });
  const window = { kernelSize: [3, 3], strides: [2, 2], padding: "same" } as const;
  x = b.add(conv2d, "stem", [x], { ...window, filters: 4, useBias: true, activation: "relu6" });
  const pools = (["average", "max"] as const).map((kind) => b.add(pooling2d, kind, [x], { ...window, kind }));
  x = b.add(concatenate, "both", pools, {});
  x = b.add(normalizeRows, "unit", [x], { kind: "length", epsilon: 1e-12 });
  x = b.add(logSoftmax, "logarithms", [x], {});
  x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
  x = b.add(layerNormalization, "norm", [x], { epsilon: 1e-3 });
  for (const name of unaryNames) {
    x = b.add(dense, `${name}_in`, [x], { units: 8, useBias: true, activation: "linear" });
    const alpha = /^(elu|leaky_relu|hard_shrink|squareplus)$/.test(name) ? { alpha: 0.3 } : {};
    // A logarithm of negative numbers would be NaN.
    if (name === "log") x = b.add(unary, "log_of", [x], { function: "softplus" });
    x = b.add(unary, name, [x], { function: name, ...alpha });
  }
  x = b.add(normalizeRows, "centred", [x], { kind: "variance", epsilon: 1e-3 });
  x = b.add(dense, "top", [x], { units: 3, useBias: true, activation: "linear" });
  return b.build(b.add(logSoftmax, "classes", [x], {}));
}

test("layers around a network are written as ONNX operators, and read back", async () => {
  const program = randomProgram(graph(), 3);
  const input = patternOf(program.graph.input.shape.slice(1), "NHWC");
  const [expected] = await (await reference.compile(program)).run(input);
  const { bytes } = await writeOnnx({ program, preprocessing: signedPreprocessing(36, 40, 3), labels: [] });
  const model = decode(wire, modelProto, bytes) as ModelProto;
  const unnamed = encode(wire, modelProto, { ...model, metadataProps: [] });
  for (const file of [bytes, unnamed]) {
    const back = await load(file, { warn: () => {} });
    const { data } = await back.predict(input);
    assert.ok(back.layers.some(({ name, type }) => name === "both" && type === "Concatenate"));
    assert.equal(data.length, 3);
    data.forEach((y, i) => {
      assert.ok(Math.abs(y - expected.data[i]) < 1e-5, `${file === bytes ? "with" : "without"} metadata: ${data}`);
    });
    back.dispose();
  }
});
