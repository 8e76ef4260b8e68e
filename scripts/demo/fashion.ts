import { rm } from "node:fs/promises";
import { join } from "node:path";
import { mobilenets } from "../mobilenets.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { classNames } from "./fashion-mnist.ts";
import { fashionSection } from "./fashion-section.ts";
import { readFeatures } from "./features.ts";
import { type Matrix, matrixOf } from "./neighbours.ts";
import { type DemoPicture, writePictures } from "./pictures.ts";

/** Votes per picture. */
const K = 5;

/** Neighbours per picture on the page. */
const SHOWN = 8;

/**
 * Writes products of Fashion-MNIST as PNG files, classifies them and extracts their features by the command line, and
 * evaluates neighbours in feature space.
 * @param out the folder for pictures and features
 * @returns a section for the page
 */
export async function fashion(out: string, perClass: number): Promise<string> {
  const pictureDir = join(out, "pictures");
  const featureDir = join(out, "features");
  await Promise.all([pictureDir, featureDir].map((dir) => rm(dir, { recursive: true, force: true })));
  const pictures = await writePictures(pictureDir, perClass);
  console.log(`Wrote ${pictures.length} pictures of Fashion-MNIST to ${pictureDir}, ${perClass} of each of`);
  console.log(`${classNames.length} classes. The network has seen none of them.\n`);

  await mobilenets("evaluate", pictureDir, "--weights", "fashion-mnist");
  await mobilenets("extract", pictureDir, "--out", featureDir, "--weights", "fashion-mnist");

  const vectors = await readFeatures(featureDir);
  const judge = (matrix: Matrix): Promise<Evaluation> => {
    const labels = pictures.map(({ label }) => label);
    return evaluate(matrix, labels, { k: K, shown: SHOWN, classes: classNames.length });
  };
  const features = await judge(matrixOf(pictures.map((picture) => vectorOf(picture, vectors))));
  const pixels = await judge(matrixOf(pictures.map((picture) => picture.pixels)));
  console.log(`Share of products that get their own class by the vote of their ${K} nearest neighbours:\n`);
  console.log(`  by features    ${percent(features)}`);
  console.log(`  by raw pixels  ${percent(pixels)}\n`);
  return fashionSection({ pictures, features, pixels, classNames, k: K });
}

function vectorOf({ path }: DemoPicture, vectors: ReadonlyMap<string, Float32Array>): Float32Array {
  const vector = vectors.get(path);
  if (!vector) throw new Error(`${path} has no features`);
  return vector;
}

function percent({ accuracy }: Evaluation): string {
  return `${(100 * accuracy).toFixed(1)} %`;
}
