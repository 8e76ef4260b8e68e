// The main job on real pictures: writes products of Fashion-MNIST as PNG files, lets the command line say what they are
// and extract their features, and looks how well neighbours in feature space belong together.
// Usage: npm run demo -- [--per-class 60] [--out demo-out]; afterwards open demo-out/neighbours.html.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Evaluation, evaluate } from "./demo/evaluate.ts";
import { classNames } from "./demo/fashion-mnist.ts";
import { readFeatures } from "./demo/features.ts";
import { type Matrix, matrixOf } from "./demo/neighbours.ts";
import { neighboursPage } from "./demo/page.ts";
import { type DemoPicture, writePictures } from "./demo/pictures.ts";
import { mobilenets } from "./mobilenets.ts";

/** Votes per picture. */
const K = 5;

/** Neighbours per picture on the page. */
const SHOWN = 8;

const { values } = parseArgs({
  options: { "per-class": { type: "string", default: "100" }, out: { type: "string", default: "demo-out" } },
});
const { out } = values;
const perClass = Number(values["per-class"]);
if (!Number.isInteger(perClass) || perClass < 2 || perClass > 1000) {
  console.error(`--per-class ${values["per-class"]}: expected an integer from 2 to 1000`);
  process.exit(2);
}

const start = performance.now();
await mkdir(out, { recursive: true });
const pictureDir = join(out, "pictures");
const featureDir = join(out, "features");
await Promise.all([pictureDir, featureDir].map((dir) => rm(dir, { recursive: true, force: true })));

const pictures = await writePictures(pictureDir, perClass);
console.log(
  `Wrote ${pictures.length} pictures of Fashion-MNIST to ${pictureDir} (${since(start)}): ${perClass} of each`,
);
console.log(`of ${classNames.length} classes, none of which the network has seen.`);
console.log();

await mobilenets("evaluate", pictureDir, "--weights", "fashion-mnist");
await mobilenets("extract", pictureDir, "--out", featureDir, "--weights", "fashion-mnist");

const vectors = await readFeatures(featureDir);
const features = judge(matrixOf(pictures.map(vectorOf)));
const pixels = judge(matrixOf(pictures.map((picture) => picture.pixels)));
const page = join(out, "neighbours.html");
await writeFile(page, neighboursPage({ pictures, features, pixels, classNames, k: K }));

console.log(`Share of pictures that get their own class by vote of their ${K} nearest neighbours (by cosine, leaving`);
console.log("out the picture itself):");
console.log();
console.log(`  by features    ${percent(features)}`);
console.log(`  by raw pixels  ${percent(pixels)}`);
console.log();
console.log(`Done in ${since(start)}. Look at ${page}.`);

function judge(matrix: Matrix): Evaluation {
  const labels = pictures.map(({ label }) => label);
  return evaluate(matrix, labels, { k: K, shown: SHOWN, classes: classNames.length });
}

function vectorOf({ path }: DemoPicture): Float32Array {
  const vector = vectors.get(path);
  if (!vector) throw new Error(`${path} has no features`);
  return vector;
}

function percent({ accuracy }: Evaluation): string {
  return `${(100 * accuracy).toFixed(1)} %`;
}

function since(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}
