// Writes the MobileNetV2 of the npm package `nsfwjs` as an ordinary TensorFlow.js layers model: a really trained
// network for tests and the demo. It takes RGB as 0..1 (mean 0, std 255) at 224x224.
// Usage: npx tsx scripts/unpack-nsfwjs.ts DIR
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2";

/** In the order of the network's five outputs. */
export const nsfwjsLabels = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];

/** Creates `dir` and returns the path of the model.json in it. */
export async function unpackNsfwjs(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  // The package keeps its files as JavaScript, shards as base64 text, so that bundlers can take them in.
  const { default: model } = await MobileNetV2Model.modelJson();
  const paths = model.weightsManifest.flatMap((group: { paths: string[] }) => group.paths);
  for (const [i, load] of MobileNetV2Model.weightBundles.entries()) {
    await writeFile(join(dir, paths[i]), Buffer.from((await load()).default, "base64"));
  }
  const path = join(dir, "model.json");
  await writeFile(path, JSON.stringify(model));
  return path;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [dir] = process.argv.slice(2);
  if (!dir) {
    console.error("usage: npx tsx scripts/unpack-nsfwjs.ts DIR");
    process.exit(2);
  }
  console.log(await unpackNsfwjs(dir));
}
