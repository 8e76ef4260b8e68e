// The main job on real pictures: writes Fashion-MNIST's products as PNG files, lets the command line extract their
// features with a trained MobileNetV2, and looks how well neighbours in feature space belong together.
// Usage: npm run demo -- [--per-class 60] [--out demo-out]; afterwards open demo-out/neighbours.html.
import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Evaluation, evaluate } from "./demo/evaluate.ts";
import { classNames } from "./demo/fashion-mnist.ts";
import { readFeatures } from "./demo/features.ts";
import { matrixOf } from "./demo/neighbours.ts";
import { neighboursPage } from "./demo/page.ts";
import { type DemoPicture, type PictureSet, sets, writePictures } from "./demo/pictures.ts";

/** Votes per picture. */
const K = 5;

/** Neighbours per picture on the page. */
const SHOWN = 8;

/**
 * The last layers know the task they were trained for, and little else: layers past the middle serve other pictures
 * better. Of six, this one was best on other pictures than those below (30 a class, from the 1,000th on).
 */
const LAYER = "block_10_expand_relu";

const { values } = parseArgs({
  options: { "per-class": { type: "string", default: "60" }, out: { type: "string", default: "demo-out" } },
});
const { out } = values;
const perClass = Number(values["per-class"]);
if (!Number.isInteger(perClass) || perClass < 2 || perClass > 7000) {
  console.error(`--per-class ${values["per-class"]}: expected an integer from 2 to 7000`);
  process.exit(2);
}

const start = performance.now();
await mkdir(out, { recursive: true });
const pictureDir = join(out, "pictures");
const featureDir = join(out, "features");
await Promise.all([pictureDir, featureDir].map((dir) => rm(dir, { recursive: true, force: true })));

const pictures = await writePictures(pictureDir, perClass);
console.log(
  `Wrote ${pictures.length} pictures of Fashion-MNIST to ${pictureDir} (${since(start)}): ${perClass} products`,
);
console.log(`of each of ${classNames.length} classes, once centred as they are, once moved to a random place.`);
console.log();

const extractStart = performance.now();
await mobilenets(["extract", pictureDir, "--out", featureDir, "--weights", "nsfwjs", "--layer", LAYER]);
console.log(`Extracted features in ${since(extractStart)}.`);
console.log();

const features = await readFeatures(featureDir);
const results = Object.fromEntries(sets.map((set) => [set, evaluateSet(set)])) as Record<
  PictureSet,
  ReturnType<typeof evaluateSet>
>;
const page = join(out, "neighbours.html");
await writeFile(page, neighboursPage({ results, classNames, k: K, layer: LAYER }));

console.log(`Share of pictures that get their own class by vote of their ${K} nearest neighbours (by cosine, leaving`);
console.log("out the picture itself):");
console.log();
console.log("             MobileNetV2 features   raw pixels");
for (const set of sets) {
  const { features, pixels } = results[set];
  console.log(`  ${set.padEnd(10)} ${percent(features).padStart(20)} ${percent(pixels).padStart(12)}`);
}
console.log();
console.log("Nothing was trained on these pictures or told of their classes. Guessing is right for 10 %.");
console.log(`Done in ${since(start)}. Look at ${page}.`);

/** What features and what bare pixels make of one set. */
function evaluateSet(set: PictureSet) {
  const own = pictures.filter((picture) => picture.set === set);
  const labels = own.map(({ label }) => label);
  const options = { k: K, shown: SHOWN, classes: classNames.length };
  return {
    pictures: own,
    features: evaluate(matrixOf(own.map(vectorOf)), labels, options),
    pixels: evaluate(matrixOf(own.map(({ pixels }) => pixels)), labels, options),
  };
}

function vectorOf({ path }: DemoPicture): Float32Array {
  const vector = features.get(path);
  if (!vector) throw new Error(`${path} has no features`);
  return vector;
}

/** Runs the command as a user would, its output visible. */
async function mobilenets(args: string[]): Promise<void> {
  console.log(`$ npx mobilenets ${args.join(" ")}`);
  const command = fileURLToPath(new URL("../packages/cli/bin/mobilenets.js", import.meta.url));
  const child = spawn(process.execPath, [command, ...args], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("exit", resolve));
  if (code !== 0) process.exit(code ?? 1);
}

function percent({ accuracy }: Evaluation): string {
  return `${(100 * accuracy).toFixed(1)} %`;
}

function since(from: number): string {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}
