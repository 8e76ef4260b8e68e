import { type EngineName, type LoadOptions, load, type Model, OptionError } from "mobilenets";
import { downloadProgress } from "./download-progress.ts";
import { modelOptions } from "./network-options.ts";
import { diagnostic } from "./output.ts";
import type { RunFlags } from "./run-options.ts";
import { namedWeights, weightsNames } from "./weights-names.ts";

/**
 * The model a command line asks for.
 * @throws OptionError if it names no weights, or none that can be had
 */
export async function loadModel(flags: RunFlags): Promise<Model> {
  const { weights, network } = flags;
  const options = loadOptions(flags);
  if (weights === undefined) {
    throw new OptionError({
      where: "--weights",
      found: "none",
      expected: `a weight file, or imagenet, ${weightsNames.join(", ")}, a name of "mobilenets weights list", random`,
      hint: "a network does not know anything without trained weights; --weights random is for trying things out",
    });
  }
  if (weights === "random") {
    if (!network) {
      throw new OptionError({ where: "--weights random", found: "no --network", expected: "the network to fill" });
    }
    diagnostic("warning: the weights are random, so labels and features are meaningless");
    return load(network, { ...options, weights });
  }
  const named = await namedWeights(weights);
  const file = named?.file ?? weights;
  const preprocessing = { ...named?.preprocessing, ...options.preprocessing };
  const all = { ...options, preprocessing, labels: named?.labels };
  return network ? load(network, { ...all, weights: file }) : load(file, all);
}

function loadOptions(flags: RunFlags): LoadOptions {
  const { seed, engine, threads, providers, crop } = flags;
  return {
    ...modelOptions(flags),
    seed,
    // The library refuses names it does not know.
    engine: engine as EngineName | undefined,
    threads,
    providers,
    fetch: { offline: flags.offline, onProgress: downloadProgress() },
    preprocessing: crop && { crop },
  };
}
