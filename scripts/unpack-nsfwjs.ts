// Writes the MobileNetV2 of the npm package `nsfwjs` as an ordinary TensorFlow.js layers model: a really trained
// network for tests and trials. It takes RGB as 0..1 (mean 0, std 255) at 224x224.
// Usage: npx tsx scripts/unpack-nsfwjs.ts DIR
import { pathToFileURL } from "node:url";
import { nsfwjsLabels, unpackNsfwjs } from "../packages/cli/src/nsfwjs.ts";

export { nsfwjsLabels, unpackNsfwjs };

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [dir] = process.argv.slice(2);
  if (!dir) {
    console.error("usage: npx tsx scripts/unpack-nsfwjs.ts DIR");
    process.exit(2);
  }
  console.log(await unpackNsfwjs(dir));
}
