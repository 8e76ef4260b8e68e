import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkName } from "../packages/mobilenets/src/models/networks.ts";
import { graphModel } from "./peers/graph-model.ts";
import { onnx } from "./peers/onnx.ts";
import { tflite } from "./peers/tflite.ts";
import { safetensors, subject } from "./subject.ts";

/** Writes every network in every contender's format: `<folder>/<network>/model.<format>`; returns the folder. */
export function writeModels(networks: readonly NetworkName[]): string {
  const folder = mkdtempSync(join(tmpdir(), "mobilenets-bench-"));
  for (const network of networks) {
    mkdirSync(join(folder, network));
    const program = subject(network);
    const { json, weights } = graphModel(program);
    const files = {
      "model.safetensors": safetensors(network),
      "model.tflite": tflite(program),
      "model.onnx": onnx(program),
      "model.json": json,
      "model.weights": weights,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, network, name), content);
  }
  return folder;
}
