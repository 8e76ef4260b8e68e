import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkTorchFile, readExpected } from "./torch-golden.ts";

const folder = fileURLToPath(new URL("../golden/torch", import.meta.url));
const { seed, files } = readExpected(folder);

for (const golden of files) {
  test(`reads ${golden.file} as timm wrote it: network, weights, logits`, () => checkTorchFile(folder, golden, seed));
}
