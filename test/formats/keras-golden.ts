import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../../packages/mobilenets/src/load.ts";
import type { Model } from "../../packages/mobilenets/src/model.ts";
import type { Case } from "../oracles/golden.ts";
import { checkProgram } from "../oracles/golden.ts";

/** A model that Keras built and saved, and what it computes; without `network` it is none of ours. */
export type KerasCase = Pick<Case, "batch" | "range" | "outputs" | "layers"> &
  Partial<Pick<Case, "network" | "options">> & {
    readonly name: string;
    /** Names of its files, and how long they are. */
    readonly files: readonly (readonly [name: string, bytes: number])[];
  };

export interface KerasGolden {
  readonly seed: number;
  readonly cases: readonly KerasCase[];
}

export function readKerasGolden(path: string | URL): KerasGolden {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * Every file of a case loads, says as much of its network as a file of its kind can, and holds the same weights as the
 * others, with which our engines compute what Keras does.
 */
export async function checkKerasCase(golden: KerasCase, folder: string, seed: number): Promise<void> {
  const [first, ...others] = await Promise.all(golden.files.map(([file]) => open(golden, join(folder, file))));
  try {
    for (const model of [first, ...others]) {
      assert.deepEqual(model.program, first.program);
      // Pictures must come to the model in the range that it was run on.
      const { mean, std } = model.preprocessing;
      const [low, high] = golden.range;
      assert.deepEqual([mean[0], std[0]], low === 0 ? [0, 1] : [127.5, 127.5], `pictures of ${low} to ${high}`);
    }
    await checkProgram(golden, first.program, seed);
  } finally {
    for (const model of [first, ...others]) model.dispose();
  }
}

async function open({ network, options = {} }: KerasCase, path: string): Promise<Model> {
  if (!network) return load(path);
  const { inputShape, classifierActivation, includePreprocessing, flavor, pooling, dropout, ...structure } = options;
  const whole = /model\.(keras|h5)$/.test(path);
  // What no shape tells must be said; the flavour must where shapes are alike.
  const untold = { inputShape, classifierActivation, includePreprocessing, flavor, pooling, dropout };
  const model = await (whole ? load(path) : load(network, { ...defined(untold), weights: path }));
  assert.equal(model.network, network, path);
  const { alpha = 1, minimalistic = false, includeTop = true, classes = 1000 } = model.options ?? {};
  const expected = { alpha: 1, minimalistic: false, includeTop: true, classes, ...structure };
  assert.deepEqual({ alpha, minimalistic, includeTop, classes }, expected, path);
  if (whole) {
    assert.equal(model.options?.flavor, flavor ?? "keras");
    if (inputShape) assert.deepEqual(model.inputShape, inputShape);
  }
  return model;
}

function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
