import type { Preprocessing } from "mobilenets";
import { shippedWeights } from "mobilenets/weights";
import { cacheDir } from "./cache-dir.ts";
import { nsfwjsLabels, nsfwjsPreprocessing, nsfwjsVersion, unpackNsfwjs } from "./nsfwjs.ts";

/** Trained weights that go by a name instead of a path, with what their file does not record. */
export interface NamedWeights {
  readonly file: string;
  readonly preprocessing?: Partial<Preprocessing>;
  readonly labels?: readonly string[];
}

const sources: Readonly<Record<string, () => Promise<NamedWeights>>> = {
  "fashion-mnist": async () => ({ file: shippedWeights["fashion-mnist"] }),
  nsfwjs: async () => ({
    file: await unpackNsfwjs(cacheDir(`nsfwjs-${nsfwjsVersion()}`)),
    preprocessing: nsfwjsPreprocessing,
    labels: nsfwjsLabels,
  }),
};

export const weightsNames: readonly string[] = Object.keys(sources);

/**
 * Undefined for what is not a name (a path).
 * @throws WeightsError if the package behind the name is not installed
 */
export async function namedWeights(name: string): Promise<NamedWeights | undefined> {
  return Object.hasOwn(sources, name) ? sources[name]() : undefined;
}
