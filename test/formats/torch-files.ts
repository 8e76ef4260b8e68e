// Checks the full-size files that test/golden/make/torch_files.py makes of real torchvision and timm networks.
// Usage: node --import tsx --conditions source test/formats/torch-files.ts DIR
import { checkTorchFile, readExpected } from "./torch-golden.ts";

const [folder] = process.argv.slice(2);
const { seed, files } = readExpected(folder);
for (const golden of files) {
  await checkTorchFile(folder, golden, seed);
  console.log(`ok ${golden.file} (${golden.precision})`);
}
console.log(`${files.length} files`);
