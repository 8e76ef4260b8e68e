import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../../packages/mobilenets/src/load.ts";
import type { NetworkName } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { candidates } from "../oracles/engines.ts";
import { seededPictures, seededWeights } from "../oracles/seeded.ts";

/** A file of test/golden/make/torch_files.py, and what torch itself computes with it. */
export interface TorchFile {
  readonly file: string;
  readonly network: NetworkName;
  readonly options: ModelOptions;
  readonly precision: keyof typeof roundings;
  /** The first 20, for pictures of the seed. */
  readonly logits: readonly number[];
}

/** Largest relative error of a float32 that was rounded to a precision. */
const roundings = { float: 0, double: 0, half: 2 ** -11, bfloat16: 2 ** -8 };
/** Half the spacing of float16 below its smallest normal number. */
const SUBNORMAL = 2 ** -25;

export function readExpected(folder: string): { readonly seed: number; readonly files: readonly TorchFile[] } {
  return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
}

/** The file says what network it is, holds the seeded weights, and gives torch's logits on every engine. */
export async function checkTorchFile(folder: string, golden: TorchFile, seed: number): Promise<void> {
  const { inputShape, classifierActivation, ...facts } = golden.options;
  const path = join(folder, golden.file);
  const model = await load(path, { inputShape, classifierActivation });
  try {
    assert.equal(model.network, golden.network);
    for (const [option, value] of Object.entries(facts)) {
      assert.equal(model.options?.[option as keyof ModelOptions], value, option);
    }
    const { graph, weights } = model.program;
    for (const [name, expected] of Object.entries(seededWeights(graph, seed))) {
      const { data, shape } = weights[name];
      assert.deepEqual(shape, expected.shape, name);
      const wrong = expected.data.findIndex(
        (x, i) =>
          Math.abs(data[i] - x) >
          roundings[golden.precision] * Math.abs(x) + (golden.precision === "half" ? SUBNORMAL : 0),
      );
      assert.equal(wrong, -1, `${name}: element ${wrong} is ${data[wrong]}, expected ${expected.data[wrong]}`);
    }
    const input = seededPictures([1, ...model.inputShape], -1, 1, seed);
    const largest = Math.max(...golden.logits.map(Math.abs));
    for (const { label, engine, tolerance } of candidates) {
      const executable = await engine.compile(model.program);
      const [{ data }] = await executable.run(input);
      executable.dispose();
      golden.logits.forEach((expected, i) => {
        const error = Math.abs(data[i] - expected) / largest;
        assert.ok(error <= tolerance, `${label}: logit ${i} is ${data[i]}, expected ${expected}`);
      });
    }
  } finally {
    model.dispose();
  }
}
