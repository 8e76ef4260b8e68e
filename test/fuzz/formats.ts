import type { Specimen } from "./specimen.ts";

/** The readers' formats, with valid files of each. */
export const formats: Readonly<Record<string, () => Promise<readonly Specimen[]>>> = {
  safetensors: async () => (await import("./formats/safetensors.ts")).specimens(),
  "torch-safetensors": async () => (await import("./formats/safetensors.ts")).torchSpecimens(),
  pytorch: async () => (await import("./formats/pytorch.ts")).specimens(),
  "torch-legacy": async () => (await import("./formats/pytorch.ts")).legacySpecimens(),
  "keras-archive": async () => (await import("./formats/keras.ts")).archiveSpecimens(),
  "keras-h5": async () => (await import("./formats/keras.ts")).h5Specimens(),
  tfjs: async () => (await import("./formats/tfjs.ts")).specimens(),
  "tfjs-graph": async () => (await import("./formats/tfjs.ts")).graphSpecimens(),
  onnx: async () => (await import("./formats/onnx.ts")).specimens(),
  "onnx-external": async () => (await import("./formats/onnx.ts")).externalSpecimens(),
  tflite: async () => (await import("./formats/tflite.ts")).specimens(),
};

export const formatNames: readonly string[] = Object.keys(formats);
