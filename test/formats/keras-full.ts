// Checks files of published widths that test/golden/make/keras_files.py --full DIR had real Keras save.
// Usage: node --import tsx --conditions source test/formats/keras-full.ts DIR
import { join } from "node:path";
import { checkKerasCase, readKerasGolden } from "./keras-golden.ts";

const [dir] = process.argv.slice(2);
if (!dir) {
  console.error("usage: keras-full.ts DIR, filled by test/golden/make/keras_files.py --full DIR");
  process.exit(2);
}
const { cases, seed } = readKerasGolden(join(dir, "files.json"));
for (const golden of cases) {
  const start = performance.now();
  await checkKerasCase(golden, join(dir, golden.name), seed);
  const files = golden.files.map(([file]) => file).join(", ");
  console.log(`ok ${golden.name} (${files}), ${Math.round(performance.now() - start)} ms`);
}
