import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkName } from "../packages/mobilenets/src/models/networks.ts";
import { writeOnnx } from "../packages/mobilenets/src/weights/onnx/write.ts";
import { writeTflite } from "../packages/mobilenets/src/weights/tflite/write.ts";
import { graphModel } from "./peers/graph-model.ts";
import { modelOf, safetensors } from "./subject.ts";

/** Writes every network in every contender's format: `<folder>/<network>/model.<format>`; returns the folder. */
export async function writeModels(networks: readonly NetworkName[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mobilenets-bench-"));
  for (const network of networks) {
    mkdirSync(join(folder, network));
    const model = modelOf(network);
    const { json, weights } = graphModel(model.program);
    const files = {
      "model.safetensors": safetensors(network),
      "model.tflite": (await writeTflite(model)).bytes,
      "model.onnx": (await writeOnnx(model)).bytes,
      "model.json": json,
      "model.weights": weights,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, network, name), content);
  }
  return folder;
}
