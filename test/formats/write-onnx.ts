// Writes the four networks as ONNX, with pictures and the logits of the reference engine, for open-in-onnx.py.
// Usage: node --import tsx --conditions source test/formats/write-onnx.ts FOLDER
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { buildGraph, networkNames, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { writeOnnx } from "../../packages/mobilenets/src/weights/onnx/write.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";

const [folder] = process.argv.slice(2);
const options = { classifierActivation: null, includePreprocessing: false } as const;
const batch = 2;
for (const network of networkNames) {
  const graph = buildGraph(network, options);
  const program = randomProgram(graph, 1);
  const preprocessing = preprocessingOf(optionsOf(network, options));
  const model = { program, network, options, preprocessing, labels: [] };
  for (const keepBatchNorm of [false, true]) {
    const { bytes } = await writeOnnx(model, { keepBatchNorm });
    writeFileSync(join(folder, `${network}.${keepBatchNorm ? "kept" : "folded"}.onnx`), bytes);
  }
  const input = randomInput(graph, batch, 2);
  writeFileSync(join(folder, `${network}.input`), new Uint8Array(input.data.buffer));
  const [logits] = await (await reference.compile(program)).run(input);
  const inputShape = graph.input.shape.slice(1);
  const described = { network, inputShape, batch, logits: Array.from(logits.data) };
  writeFileSync(join(folder, `${network}.json`), JSON.stringify(described));
}
