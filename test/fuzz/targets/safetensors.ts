import { readFileSync } from "node:fs";
import { buildGraph, optionsOf } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf, signedPreprocessing } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { readModelFile, writeModelFile } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { randomProgram } from "../../support/random-program.ts";
import { smallProgram } from "../../support/small-program.ts";
import type { Target } from "../harness.ts";
import { noCompanions, touch } from "../touch.ts";

const golden = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../../golden/safetensors/${name}.safetensors`, import.meta.url)));

/** Our own files, of a network by name and of a whole graph; and the safetensors library's, of every dtype. */
export function target(): Target {
  const options: ModelOptions = { alpha: 0.05, classes: 2, inputShape: [32, 32, 3] };
  const named = {
    program: randomProgram(buildGraph("mobilenet_v1", options), 1),
    network: "mobilenet_v1",
    options,
    preprocessing: preprocessingOf(optionsOf("mobilenet_v1", options)),
    labels: ["cat", "dog"],
  } as const;
  const graph = { program: smallProgram(), preprocessing: signedPreprocessing(9, 8, 3), labels: ["a", "b"] };
  return {
    files: {
      named: writeModelFile(named),
      graph: writeModelFile(graph),
      native: golden("native"),
      half: golden("half"),
    },
    read: async (file) => touch(await readModelFile(file, "fuzzed.safetensors", noCompanions)),
  };
}
