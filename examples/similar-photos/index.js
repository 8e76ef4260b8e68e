import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { load, nearest } from "mobilenets";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: npm start -- FOLDER");
  process.exit(2);
}

const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp|gif|avif|tiff?)$/i.test(name)).sort();
const model = await load();
const vectors = await model.embed(names.map((name) => join(folder, name)));

// All queries share one pass. Each picture is most similar to itself, so the second result counts.
const neighbours = await nearest(vectors, vectors, { k: 2 });
for (const [i, found] of neighbours.entries()) {
  const other = found.find(({ index }) => index !== i);
  if (other) console.log(`${names[i]}  ${names[other.index]}  ${other.similarity.toFixed(2)}`);
}
model.dispose();
