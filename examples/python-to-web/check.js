import { load } from "mobilenets";

const model = await load("public/model.safetensors");
for (const picture of process.argv.slice(2)) {
  const [best] = await model.classify(picture, { topK: 1 });
  console.log(`${best.label}, ${Math.round(100 * best.probability)} %`);
}
model.dispose();
