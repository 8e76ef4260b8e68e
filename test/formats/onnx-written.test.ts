// What we write computes in ONNX Runtime what it computes here, and comes back to the last bit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { subgraph } from "../../packages/mobilenets/src/graph/subgraph.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { sizeOf, type Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { writeOnnx } from "../../packages/mobilenets/src/weights/onnx/write.ts";
import { readWeightFile } from "../../packages/mobilenets/src/weights/read.ts";
import {
  readModelFile,
  type WritableModel,
  writeModelFile,
} from "../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import type { WeightFile } from "../../packages/mobilenets/src/weights/weight-file.ts";
import { assertClose } from "../oracles/compare.ts";
import { onnxRuntimes } from "../support/onnx-runtimes.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";

const small = { inputShape: [40, 33, 3], alpha: 0.25, classes: 4 } as const;
const variants: readonly (readonly [NetworkName, ModelOptions])[] = [
  ["mobilenet_v1", { depthMultiplier: 2 }],
  ["mobilenet_v1", { flavor: "article", classifierActivation: null }],
  ["mobilenet_v2", { alpha: 0.33 }],
  ["mobilenet_v2", { flavor: "torchvision", includeTop: false }],
  ["mobilenet_v3_small", {}],
  ["mobilenet_v3_small", { flavor: "article" }],
  ["mobilenet_v3_large", { minimalistic: true, includePreprocessing: false }],
  ["mobilenet_v3_large", { flavor: "timm", includeTop: false, pooling: "avg" }],
];

function modelOf(network: NetworkName, given: ModelOptions): WritableModel {
  const options = { ...small, ...given };
  const preprocessing = { ...preprocessingOf(optionsOf(network, options)), cropFraction: 0.9 };
  const program = randomProgram(buildGraph(network, options), 1);
  return { program, network, options, preprocessing, labels: ["a", "b", "c", "d"] };
}

const read = async (model: WritableModel, keepBatchNorm?: boolean) =>
  readWeightFile((await writeOnnx(model, { keepBatchNorm })).bytes, "m.onnx");

const weightsOf = (model: WritableModel, file: WeightFile) => matchWeights(model.program.graph, file.tensors, "m.onnx");

async function compute(program: Program, input: Tensor): Promise<Tensor[]> {
  return (await reference.compile(program)).run(input);
}

function toNchw({ data, shape }: Tensor): Tensor {
  if (shape.length !== 4) return { data, shape };
  const [n, h, w, c] = shape;
  const turned = new Float32Array(sizeOf(shape));
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < h * w; p++) {
      for (let k = 0; k < c; k++) turned[(i * c + k) * h * w + p] = data[(i * h * w + p) * c + k];
    }
  }
  return { data: turned, shape: [n, c, h, w] };
}

for (const [network, given] of variants) {
  const model = modelOf(network, given);
  const title = `${network} ${JSON.stringify(given)}`;

  test(`${title}: with its batch norms, every weight comes back to the bit, by way of safetensors too`, async () => {
    const first = await writeOnnx(model, { keepBatchNorm: true });
    const file = await readWeightFile(first.bytes, "m.onnx");
    assert.deepEqual(weightsOf(model, file), model.program.weights);
    const { options, labels, preprocessing } = model;
    assert.deepEqual(
      { network: file.network, options: file.options, labels: file.labels, preprocessing: file.preprocessing },
      { network, options, labels, preprocessing },
    );

    const bytes = writeModelFile({ ...model, program: { ...model.program, weights: weightsOf(model, file) } });
    const again = await readModelFile(bytes, "m.safetensors", () => Promise.reject(new Error("no companions")));
    const weights = matchWeights(model.program.graph, again.tensors, "m.safetensors");
    const second = await writeOnnx({ ...model, program: { ...model.program, weights } }, { keepBatchNorm: true });
    assert.deepEqual(second.bytes, first.bytes);
  });

  test(`${title}: with its batch norms folded, it computes the same when it comes back`, async () => {
    const weights = weightsOf(model, await read(model));
    const input = randomInput(model.program.graph, 2, 3);
    const [expected] = await compute(model.program, input);
    const [found] = await compute({ ...model.program, weights }, input);
    assertClose(found, expected, 1e-5, "output");
  });

  test(`${title}: a graph without a name travels with it`, async () => {
    const unnamed = { ...model, network: undefined, options: undefined };
    const kept = await read(unnamed, true);
    assert.deepEqual(kept.graph, JSON.parse(JSON.stringify(model.program.graph)));
    assert.deepEqual(weightsOf(model, kept), model.program.weights);

    const { graph, tensors } = await read(unnamed);
    assert.ok(graph && !graph.nodes.some(({ op }) => op === "batch_normalization"));
    const input = randomInput(graph, 1, 3);
    const [found] = await compute({ graph, weights: matchWeights(graph, tensors, "m.onnx") }, input);
    assertClose(found, (await compute(model.program, input))[0], 1e-5, "output");
  });
}

/** The part of ONNX Runtime that is used here. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads?: number } };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: object): Promise<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>;
    }>;
  };
}

for (const { name, load, absent } of onnxRuntimes) {
  for (const [network, given] of variants) {
    test(`${name} runs our file of ${network} ${JSON.stringify(given)}`, { skip: absent }, async () => {
      const ort = (await load([])) as unknown as Runtime;
      ort.env.wasm.numThreads = 1;
      const whole = modelOf(network, given);
      const inner = whole.program.graph.nodes[20].name;
      const graph = subgraph(whole.program.graph, [inner, ...whole.program.graph.outputs]);
      const model = { ...whole, program: { ...whole.program, graph } };
      for (const keepBatchNorm of [false, true]) {
        const { bytes } = await writeOnnx(model, { keepBatchNorm });
        const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
        assert.deepEqual(session.inputNames, [graph.input.name]);
        assert.deepEqual(session.outputNames, graph.outputs);
        for (const batch of [1, 3]) {
          const input = randomInput(graph, batch, batch);
          const nchw = toNchw(input);
          const feeds = { [graph.input.name]: new ort.Tensor("float32", nchw.data, nchw.shape) };
          const results = await session.run(feeds);
          const expected = await compute(model.program, input);
          graph.outputs.forEach((output, i) => {
            const { data, dims } = results[output];
            assertClose({ data, shape: dims }, toNchw(expected[i]), 1e-4, `${output} of ${batch}`);
          });
        }
      }
    });
  }
}
