import { load } from "mobilenets";

const pictures = process.argv.slice(2);
if (pictures.length === 0) {
  console.error("usage: npm run ask -- PICTURE ...");
  process.exit(2);
}

// The file has the labels and the preprocessing.
const model = await load("run/model.safetensors");
for (const [i, [best]] of (await model.classify(pictures)).entries()) {
  console.log(`${pictures[i]}  ${best.label}  ${best.probability.toFixed(2)}`);
}
model.dispose();
