import { readBytes } from "#platform";
import { readModelFile } from "./model-file.ts";
import { readTfjsLayers } from "./tfjs-layers.ts";
import type { WeightFile } from "./weight-file.ts";

/**
 * Reads a weight file of any known format, told by its content.
 * @param source path or URL, or the bytes of a safetensors file
 * @throws WeightsError if the format is unknown or the file broken
 */
export async function readWeightFile(source: string | Uint8Array): Promise<WeightFile> {
  if (typeof source !== "string") return readModelFile(source, "weights");
  const bytes = await readBytes(source);
  // A TensorFlow.js model is JSON text; safetensors starts with a length whose first byte may well be "{" too, but
  // its ninth byte is the brace of its header.
  const isJson = bytes[0] === BRACE && bytes[8] !== BRACE;
  return isJson ? readTfjsLayers(bytes, source, readBytes) : readModelFile(bytes, source);
}

const BRACE = "{".charCodeAt(0);
