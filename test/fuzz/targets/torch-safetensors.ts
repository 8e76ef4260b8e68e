import { buildGraph, optionsOf } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../../packages/mobilenets/src/models/preprocessing.ts";
import { writeTimm } from "../../../packages/mobilenets/src/weights/pytorch/write.ts";
import { readModelFile } from "../../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { writeSafetensors } from "../../../packages/mobilenets/src/weights/safetensors/safetensors.ts";
import { randomProgram } from "../../support/random-program.ts";
import { timmState } from "../../support/torch-file.ts";
import type { Target } from "../harness.ts";

const config = JSON.stringify({
  architecture: "mobilenetv1_100",
  label_names: ["cat", "dog"],
  model_args: { in_chans: 3 },
  pretrained_cfg: { input_size: [3, 64, 64], crop_pct: 0.9, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
});
const SEPARATOR = new TextEncoder().encode("\n===\n");

/** Our own file with metadata, and one of timm with its `config.json` appended, so that it is mutated too. */
export function target(): Target {
  const options: ModelOptions = { flavor: "timm", alpha: 0.05, classes: 2, inputShape: [32, 32, 3] };
  const program = randomProgram(buildGraph("mobilenet_v1", options), 1);
  const preprocessing = preprocessingOf(optionsOf("mobilenet_v1", options));
  const { bytes: ours } = writeTimm({
    program,
    network: "mobilenet_v1",
    options,
    preprocessing,
    labels: ["cat", "dog"],
  });
  const theirs = writeSafetensors(Object.fromEntries(timmState("mobilenet_v1", options)));
  return {
    files: { ours, theirs: Buffer.concat([theirs, SEPARATOR, new TextEncoder().encode(config)]) },
    read: async (file) => {
      const at = Buffer.from(file).lastIndexOf(SEPARATOR);
      const [weights, beside] =
        at < 0 ? [file, undefined] : [file.subarray(0, at), file.subarray(at + SEPARATOR.length)];
      const companion = async () => beside ?? Promise.reject(new Error("no companions"));
      const { tensors } = await readModelFile(weights, "fuzzed.safetensors", companion);
      for (const { data } of Object.values(tensors)) data.at(-1);
    },
  };
}
