import { readFileSync } from "node:fs";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { buildGraph, type NetworkName, optionsOf } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { readOnnx } from "../../../packages/mobilenets/src/weights/onnx/read.ts";
import { writeOnnx } from "../../../packages/mobilenets/src/weights/onnx/write.ts";
import type { WritableModel } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { randomProgram } from "../../support/random-program.ts";
import type { Target } from "../harness.ts";

function narrow(network: NetworkName, options: ModelOptions): WritableModel {
  const all: ModelOptions = { alpha: 0.1, classes: 2, inputShape: [32, 32, 3], ...options };
  return {
    program: randomProgram(buildGraph(network, all), 1),
    network,
    options: all,
    preprocessing: preprocessingOf(optionsOf(network, all)),
    labels: ["cat", "dog"],
  };
}

const golden = (name: string) =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`../../golden/onnx/${name}.onnx.gz`, import.meta.url))));

const headed = (name: string) =>
  new Uint8Array(brotliDecompressSync(readFileSync(new URL(`../../golden/heads/${name}.br`, import.meta.url))));

/** Our own models with all forms of metadata, and one of each exporter. */
export async function target(): Promise<Target> {
  const v1 = narrow("mobilenet_v1", {});
  const small = narrow("mobilenet_v3_small", { flavor: "timm", alpha: 0.05 });
  return {
    files: {
      folded: (await writeOnnx(v1)).bytes,
      kept: (await writeOnnx(small, { keepBatchNorm: true })).bytes,
      unnamed: (await writeOnnx({ ...v1, network: undefined })).bytes,
      torch: golden("torch_v3_small_half"),
      keras: golden("keras_v1"),
      head: headed("onnx-leaky"),
      quantised: headed("onnx-gelu-qdq"),
    },
    read: async (bytes) => {
      const { tensors } = await readOnnx(bytes, "fuzzed.onnx", () => Promise.reject(new Error("no companions")));
      for (const { data } of Object.values(tensors)) data.at(-1);
    },
  };
}
