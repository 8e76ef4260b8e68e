// Reads model files with other programs: ONNX Runtime, TensorFlow.js, and safetensors by its specification
// (https://huggingface.co/docs/safetensors). LiteRT is in test/browser/litert.page.ts, because it is for pages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
// The plain JavaScript backend takes four seconds for a picture of 224 x 224.
import "@tensorflow/tfjs-backend-wasm";
import type * as Ort from "onnxruntime-web";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";

const ort: typeof Ort = createRequire(import.meta.url)("onnxruntime-web");
tf.enableProdMode();

/** The result of an ONNX model whose input has channels first. */
export async function byOnnxRuntime(
  file: string,
  { data, shape: [n, height, width, channels] }: Tensor,
): Promise<Float32Array> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(file));
  const planes = new Float32Array(data.length);
  const area = height * width;
  for (let i = 0; i < area; i++) for (let c = 0; c < channels; c++) planes[c * area + i] = data[i * channels + c];
  const input = new ort.Tensor("float32", planes, [n, channels, height, width]);
  const { [session.outputNames[0]]: answer } = await session.run({ [session.inputNames[0]]: input });
  await session.release();
  return answer.data as Float32Array;
}

/** The result of a layers model, and its weights by `<layer>/<weight>`. */
export async function byTensorFlowJs(file: string, input: Tensor) {
  await tf.setBackend("wasm");
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, "utf8"));
  const [{ paths, weights: weightSpecs }] = weightsManifest;
  const shards = Buffer.concat(paths.map((path: string) => readFileSync(join(dirname(file), path))));
  const weightData = new Uint8Array(shards).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const weights = new Map<string, Tensor>(
    model.weights.map((weight) => {
      const data = weight.read().dataSync() as Float32Array;
      return [weight.originalName, { shape: weight.shape as number[], data }];
    }),
  );
  const answer = tf.tidy(() => (model.predict(tf.tensor(input.data, [...input.shape])) as tf.Tensor).dataSync());
  model.dispose();
  return { answer: answer as Float32Array, weights };
}

/** Tensors of a safetensors file: the header's length in 8 bytes, the header as JSON, the data. */
export function safetensorsOf(file: string): ReadonlyMap<string, Tensor> {
  const bytes = new Uint8Array(readFileSync(file));
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { __metadata__: _, ...entries } = header as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: number[] }
  >;
  return new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        if (dtype !== "F32") throw new Error(`${name}: ${dtype}`);
        return [name, { shape, data: new Float32Array(bytes.slice(8 + length + from, 8 + length + to).buffer) }];
      },
    ),
  );
}
