import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cosine, EngineError, type Model, type Picture, type Prediction } from "mobilenets";
import type { Standalone } from "mobilenets/standalone";

/** Difference between the results of a built file and of its network. */
export interface Difference {
  readonly pictures: number;
  /** Number of pictures with the same best class. Null without classes. */
  readonly sameBest: number | null;
  /** Largest difference of a probability. Null without classes. */
  readonly probability: number | null;
  /** Largest difference of a feature, divided by the picture's largest feature. */
  readonly feature: number;
  /** Least cosine of two embeddings. */
  readonly cosine: number;
}

/** Exports of a built file. */
interface Module {
  readonly classify?: (picture: Picture, options: { topK: number }) => Promise<Prediction[]>;
  readonly embed: (picture: Picture) => Promise<Float32Array>;
}

/** Largest difference for float32. Threads may change the order of sums. */
const TOLERANCE = 1e-4;

/**
 * Runs the files of a build, and compares their results with the network's.
 * @throws EngineError for exact weights with other results
 */
export async function compare(
  model: Model,
  { files, classes }: Standalone,
  pictures: Iterable<Picture> | AsyncIterable<Picture>,
  isExact: boolean,
): Promise<Difference> {
  const folder = await mkdtemp(join(tmpdir(), "mobilenets-build-"));
  try {
    const names = Object.keys(files);
    for (const name of names) await writeFile(join(folder, name), files[name]);
    // With this `package.json`, `.js` means a module, whatever the folders above say.
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const module: Module = await import(pathToFileURL(join(folder, names[0])).href);
    let count = 0;
    let sameBest = 0;
    let probability = 0;
    let feature = 0;
    let least = 1;
    for await (const picture of pictures) {
      count++;
      const [own, built] = [await model.embed(picture), await module.embed(picture)];
      const largest = own.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
      feature = own.reduce((max, x, i) => Math.max(max, Math.abs(x - built[i]) / largest), feature);
      least = Math.min(least, cosine(own, built));
      if (!module.classify) continue;
      const answer = await model.classify(picture, { topK: Math.max(2, classes) });
      const other = await module.classify(picture, { topK: Math.max(2, classes) });
      const expected = new Map(answer.map((prediction) => [prediction.index, prediction.probability]));
      for (const { index, probability: found } of other) {
        probability = Math.max(probability, Math.abs(found - (expected.get(index) as number)));
      }
      if (answer[0].label === other[0].label) sameBest++;
    }
    if (isExact && !(Math.max(feature, probability) <= TOLERANCE)) {
      const found = `answers that differ from the network's: features by ${feature}, probabilities by ${probability}`;
      throw new EngineError({ where: names[0], found, expected: `at most ${TOLERANCE}`, hint: "please report it" });
    }
    const hasClasses = module.classify !== undefined;
    return {
      pictures: count,
      sameBest: hasClasses ? sameBest : null,
      probability: hasClasses ? probability : null,
      feature,
      cosine: least,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes four pictures of soft stripes, the same every time. */
export function madePictures(): Picture[] {
  const [width, height] = [320, 240];
  return [1, 2, 3, 4].map((seed) => {
    const data = new Uint8Array(width * height * 3);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 1; c <= 3; c++) {
          const phase = (x * seed) / (9 + 7 * c) + (y * c) / (11 + 5 * seed) + Math.sin((x * y) / (900 * seed));
          data[at++] = 127.5 + 127 * Math.sin(phase);
        }
      }
    }
    return { data, width, height, channels: 3 };
  });
}
