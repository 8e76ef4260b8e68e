import { buildGraph, optionsOf } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { decode, encode, loadWire } from "../../../packages/mobilenets/src/weights/onnx/codec.ts";
import { readOnnx } from "../../../packages/mobilenets/src/weights/onnx/read.ts";
import { type ModelProto, modelProto } from "../../../packages/mobilenets/src/weights/onnx/schema.ts";
import { writeOnnx } from "../../../packages/mobilenets/src/weights/onnx/write.ts";
import { randomProgram } from "../../support/random-program.ts";
import type { Target } from "../harness.ts";
import { touch } from "../touch.ts";

/** A model with constants in a file beside it, which is not mutated. */
export async function target(): Promise<Target> {
  const options: ModelOptions = { alpha: 0.1, classes: 2, inputShape: [32, 32, 3] };
  const program = randomProgram(buildGraph("mobilenet_v1", options), 1);
  const preprocessing = preprocessingOf(optionsOf("mobilenet_v1", options));
  const { bytes } = await writeOnnx({ program, preprocessing, labels: [] });
  const wire = await loadWire("fuzz");
  const { graph, ...model } = decode(wire, modelProto, bytes) as ModelProto;
  const parts: Uint8Array[] = [];
  let at = 0;
  const initializer = graph?.initializer.map(({ rawData = new Uint8Array(), ...tensor }) => {
    const place = { location: "m.data", offset: String(at), length: String(rawData.length) };
    parts.push(rawData);
    at += rawData.length;
    return { ...tensor, dataLocation: 1, externalData: Object.entries(place).map(([key, value]) => ({ key, value })) };
  });
  const external = encode(wire, modelProto, { ...model, metadataProps: [], graph: { ...graph, initializer } });
  const data = Buffer.concat(parts);
  return {
    files: { external },
    read: async (file) => touch(await readOnnx(file, "fuzzed.onnx", async () => data)),
  };
}
