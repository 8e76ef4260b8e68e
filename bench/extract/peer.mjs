// Runs `image-feature-extraction` of @huggingface/transformers on a folder of files with its native engine, as documented.
// Usage: node peer.mjs MODELS DIR BATCH; prints seconds, peak memory and some features.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { env, pipeline } from "@huggingface/transformers";

const [models, dir, batchText] = process.argv.slice(2);
const batch = Number(batchText);
env.localModelPath = models;
env.allowRemoteModels = false;
const extract = await pipeline("image-feature-extraction", "network", { dtype: "fp32", device: "cpu" });
const files = readdirSync(dir)
  .sort()
  .map((name) => join(dir, name));
await extract(files.slice(0, batch));
const start = performance.now();
const features = [];
for (let i = 0; i < files.length; i += batch) {
  const found = await extract(files.slice(i, i + batch));
  const [, length] = found.dims;
  for (let k = 0; k < found.dims[0]; k++) features.push(found.data.slice(k * length, (k + 1) * length));
}
const seconds = (performance.now() - start) / 1000;
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1000);
console.log(JSON.stringify({ seconds, memoryMb, features: features.slice(0, 20).map((one) => [...one]) }));
