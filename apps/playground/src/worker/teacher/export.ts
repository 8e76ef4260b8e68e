import { strToU8, zipSync } from "fflate";
import type { Model } from "mobilenets";
import { formatFor } from "mobilenets/weights";
import type { Exported, ExportFormat } from "./api.ts";

/** The library's name of each format, and the name of its file. */
const files: Readonly<Record<Exclude<ExportFormat, "module">, readonly [format: string, name: string]>> = {
  safetensors: ["safetensors", "taught.safetensors"],
  tflite: ["tflite", "taught.tflite"],
  onnx: ["onnx", "taught.onnx"],
  tfjs: ["tfjs-layers", "model.json"],
};

/** Writes a network as one file; for TensorFlow.js a zip archive of several files, with the class names. */
export async function exportAs(model: Model, format: ExportFormat): Promise<Exported> {
  if (format === "module") return exportModule(model);
  const [name, path] = files[format];
  const write = await formatFor(path, name).writer();
  const { bytes, companions = {} } = await write(model);
  const about = aboutOf(model);
  if (format !== "tfjs") return { name: path, file: new Blob([new Uint8Array(bytes)]), ...about };
  const labels = strToU8(JSON.stringify(model.labels));
  // Weights do not compress: they are stored.
  const zip = zipSync({ [path]: bytes, ...companions, "labels.json": labels }, { level: 0 });
  return { name: "taught-tfjs.zip", file: new Blob([new Uint8Array(zip)], { type: "application/zip" }), ...about };
}

async function exportModule(model: Model): Promise<Exported> {
  const { buildStandalone } = await import("mobilenets/standalone");
  const name = "taught.js";
  const built = await buildStandalone(model, { file: name });
  return { name, file: new Blob([built.files[name]], { type: "text/javascript" }), ...aboutOf(model) };
}

function aboutOf({ preprocessing }: Model) {
  const { width, height, mean, std, crop, cropFraction } = preprocessing;
  return { width, height, mean, std, crop, cropFraction };
}
