import { OptionError } from "../errors.ts";
import { show } from "../show.ts";
import type { Format } from "./format.ts";
import { isHdf5, isKerasArchive } from "./keras/detect.ts";
import { isOnnx } from "./onnx/detect.ts";
import { isPytorchFile } from "./pytorch/detect.ts";
import { readModelFile, writeModelFile } from "./safetensors/model-file.ts";

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** All formats, in the order of detection. */
export const formats: readonly Format[] = [
  {
    name: "tfjs-layers",
    title: "TensorFlow.js model",
    extensions: ["model.json", ".json"],
    // JSON begins with a brace. The length before a safetensors header may begin with the same byte, and then its ninth
    // byte is the brace.
    matches: (bytes) => ascii(bytes, 0, 1) === "{" && ascii(bytes, 8, 9) !== "{",
    reader: async () => (await import("./tfjs/read.ts")).readTfjs,
    writer: async () => (await import("./tfjs/write.ts")).writeTfjsLayers,
  },
  {
    name: "safetensors",
    title: "safetensors",
    extensions: [".safetensors"],
    matches: (bytes) => ascii(bytes, 8, 9) === "{",
    // Pages load our own format, so its reader is not a separate download.
    reader: async () => readModelFile,
    writer: async () => (model) => ({ bytes: writeModelFile(model) }),
  },
  {
    name: "torchvision-safetensors",
    title: "safetensors with torchvision's names",
    extensions: [".safetensors"],
    writer: async () => (await import("./pytorch/write.ts")).writeTorchvision,
  },
  {
    name: "timm-safetensors",
    title: "safetensors with timm's names",
    extensions: [".safetensors"],
    writer: async () => (await import("./pytorch/write.ts")).writeTimm,
  },
  {
    name: "pytorch",
    title: "PyTorch state dict",
    extensions: [".pth", ".pt"],
    matches: isPytorchFile,
    reader: async () => (await import("./pytorch/read.ts")).readPytorch,
  },
  {
    name: "keras",
    title: "Keras",
    extensions: [".keras"],
    matches: isKerasArchive,
    reader: async () => (await import("./keras/read-archive.ts")).readKerasArchive,
  },
  {
    name: "keras-weights",
    title: "Keras 3 weights",
    extensions: [".weights.h5"],
    matches: isHdf5,
    reader: async () => (await import("./keras/read-h5.ts")).readKerasH5,
    writer: async () => (await import("./keras/write.ts")).writeKerasStore,
  },
  {
    name: "keras-h5",
    title: "Keras HDF5",
    extensions: [".h5", ".hdf5"],
    matches: isHdf5,
    reader: async () => (await import("./keras/read-h5.ts")).readKerasH5,
    writer: async () => (await import("./keras/write.ts")).writeKerasLegacy,
  },
  {
    name: "archive",
    title: "zip archive of a model",
    extensions: [".zip"],
    matches: (bytes, path) => ascii(bytes, 0, 4) === "PK\x03\x04" || path.endsWith("saved_model.pb"),
    reader: async () => (await import("./archive.ts")).readArchive,
  },
  {
    name: "onnx",
    title: "ONNX",
    extensions: [".onnx"],
    matches: (bytes, path) => isOnnx(bytes) || path.endsWith(".onnx"),
    reader: async () => (await import("./onnx/read.ts")).readOnnx,
    writer: async () => (await import("./onnx/write.ts")).writeOnnx,
  },
  {
    name: "safetensors-float16",
    title: "safetensors with kernels in float16",
    extensions: [".safetensors"],
    writer: async () => (await import("./safetensors/half-write.ts")).writeHalf,
  },
  {
    name: "tflite",
    title: "TFLite",
    extensions: [".tflite"],
    matches: (bytes) => ascii(bytes, 4, 8) === "TFL3",
    reader: async () => (await import("./tflite/read.ts")).readTflite,
    writer: async () => (await import("./tflite/write.ts")).writeTflite,
  },
];

/** A format that can be written. */
export type WritableFormat = Format & Required<Pick<Format, "writer">>;

/**
 * The format in which to write a file.
 * @param path its extension decides the format, unless `name` does
 * @throws OptionError for an unknown format; it lists the formats that can be written
 */
export function formatFor(path: string, name?: string): WritableFormat {
  const writable = formats.filter((format): format is WritableFormat => format.writer !== undefined);
  const found = writable.find((format) =>
    name === undefined ? format.extensions.some((extension) => path.endsWith(extension)) : format.name === name,
  );
  if (found) return found;
  throw new OptionError({
    where: path,
    found: name === undefined ? "an ending of no format that can be written" : `format ${show(name)}`,
    expected: writable.map((format) => `${format.name} (${format.extensions[0]})`).join(", "),
  });
}
