import { access, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Preprocessing, WeightsError } from "mobilenets";
import { writeAtomic } from "./write-atomic.ts";

/** Class names in the order of the network's outputs, from the package's `nsfw_classes`. */
export const nsfwjsLabels: readonly string[] = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];

/** The preprocessing of the package's `classify`: the whole picture, resized to a square, divided by 255. */
export const nsfwjsPreprocessing: Partial<Preprocessing> = { crop: "squash", mean: [0, 0, 0], std: [255, 255, 255] };

const MODEL = "dist/models/mobilenet_v2";

/** The part of a TensorFlow.js `model.json` that names its other files. */
interface ModelJson {
  readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
}

/**
 * Writes the MobileNetV2 of the npm package `nsfwjs` into `dir` as a TensorFlow.js model: `model.json` and its
 * shards, 2.6 MB. The package has them as scripts: the first exports the object, the others base64 texts.
 * An existing `model.json` stays as it is.
 * @returns the path of `model.json`
 * @throws WeightsError if the package is not installed, or is another version with other files
 */
export async function unpackNsfwjs(dir: string): Promise<string> {
  const { read } = findPackage();
  const file = join(dir, "model.json");
  if (await exists(file)) return file;
  await mkdir(dir, { recursive: true });
  const model = read("model") as ModelJson;
  for (const path of model.weightsManifest.flatMap(({ paths }) => paths)) {
    await writeAtomic(join(dir, path), Buffer.from(read(path) as string, "base64"));
  }
  // This file comes last, as it marks the folder as complete.
  await writeAtomic(file, JSON.stringify(model));
  return file;
}

/** Version of the package that `unpackNsfwjs` unpacks. Throws the same errors. */
export function nsfwjsVersion(): string {
  return findPackage().version;
}

function findPackage() {
  // The package may be installed in the user's project, or beside this package.
  for (const base of [join(process.cwd(), "package.json"), import.meta.url]) {
    const require = createRequire(base);
    const entry = resolve(require, "nsfwjs");
    if (!entry) continue;
    // `exports` hides all files except the entry point, `<root>/dist/cjs/index.js`.
    const root = join(dirname(entry), "..", "..");
    const { version } = require(join(root, "package.json")) as { version: string };
    const read = (name: string): unknown => {
      const path = resolve(require, join(root, MODEL, `${name}.min.js`));
      if (path) return require(path);
      throw new WeightsError({
        where: "nsfwjs",
        found: `version ${version} without ${MODEL}/${name}.min.js`,
        expected: "version 4",
        hint: "npm install nsfwjs@4",
      });
    };
    return { version, read };
  }
  throw new WeightsError({
    where: "--weights nsfwjs",
    found: "no package nsfwjs",
    expected: "an installed package",
    hint: "npm install nsfwjs",
  });
}

function resolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
