import type { JsonObject } from "../containers/json.ts";
import type { OutputFile } from "../format.ts";
import { writeMetadata } from "../metadata.ts";
import type { WritableModel } from "../safetensors/model-file.ts";
import { METADATA_KEY } from "./read.ts";
import { topologyOf } from "./topology.ts";

/** Size of shards, as in TensorFlow's converter: browsers may not cache larger files. */
const SHARD_BYTES = 4 * 1024 * 1024;

/**
 * Writes a model for TensorFlow.js' `loadLayersModel`: a model.json, and companions of up to 4 MB with the float32
 * weights. Layers are those of TensorFlow.js 4 (`topology.ts`); `userDefinedMetadata` has network, options, preprocessing
 * and labels.
 */
export function writeTfjsLayers(model: WritableModel): OutputFile {
  const { graph, weights } = model.program;
  const topology = topologyOf(graph);
  const names = Object.keys(graph.params);
  const manifest = names.map((param) => {
    const slash = param.lastIndexOf("/");
    const name = `${topology.layerOf(param.slice(0, slash))}/${param.slice(slash + 1)}`;
    return { name, shape: graph.params[param].shape, dtype: "float32" };
  });
  const bytes = concatenate(names.map((param) => weights[param].data));
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  const companions = Array.from({ length: count }, (_, i) => [
    `group1-shard${i + 1}of${count}.bin`,
    bytes.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  ]);
  // The topology already has the graph.
  const { graph: _, ...metadata } = writeMetadata(model);
  const json: JsonObject = {
    format: "layers-model",
    generatedBy: "mobilenets",
    convertedBy: null,
    modelTopology: topology.json,
    weightsManifest: [{ paths: companions.map(([path]) => path), weights: manifest }],
    userDefinedMetadata: { [METADATA_KEY]: metadata },
  };
  return { bytes: new TextEncoder().encode(JSON.stringify(json)), companions: Object.fromEntries(companions) };
}

function concatenate(parts: readonly Float32Array[]): Uint8Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(all.buffer);
}
