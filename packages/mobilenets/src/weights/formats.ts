import type { Format } from "./format.ts";

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** All formats, in the order in which a file is held against them. */
export const formats: readonly Format[] = [
  {
    name: "tfjs-layers",
    title: "TensorFlow.js layers model",
    extensions: ["model.json", ".json"],
    // JSON text. The length before a safetensors header may well begin with the same byte, but its ninth is the brace.
    matches: (bytes) => ascii(bytes, 0, 1) === "{" && ascii(bytes, 8, 9) !== "{",
    reader: async () => (await import("./tfjs-layers.ts")).readTfjsLayers,
  },
  {
    name: "safetensors",
    title: "safetensors",
    extensions: [".safetensors"],
    matches: (bytes) => ascii(bytes, 8, 9) === "{",
    reader: async () => (await import("./model-file.ts")).readModelFile,
    writer: async () => {
      const { writeModelFile } = await import("./model-file.ts");
      return (model) => ({ bytes: writeModelFile(model) });
    },
  },
];
