import { type EngineName, type LoadOptions, load, type Model, OptionError, type Preprocessing } from "mobilenets";
import { downloadProgress } from "./download-progress.ts";
import { modelOptions } from "./network-options.ts";
import { diagnostic } from "./output.ts";
import type { RunFlags } from "./run-options.ts";
import { namedWeights } from "./weights-names.ts";

/**
 * The model a command line asks for. Without weights it is the ImageNet weights of the network; without a network too,
 * the one whose weights are at hand. Which they are is said on stderr.
 * @param preprocessing overrides what the weights and the command line ask for
 * @throws OptionError if it names weights that cannot be had
 */
export async function loadModel(flags: RunFlags, preprocessing?: Preprocessing): Promise<Model> {
  const { weights = "imagenet", network } = flags;
  const options = loadOptions(flags, preprocessing);
  if (weights === "imagenet") {
    const model = await load(network, options);
    diagnostic(`weights: ${model.name}, trained on ImageNet; --weights takes a file, or another name`);
    return model;
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
  const all = {
    ...options,
    preprocessing: { ...named?.preprocessing, ...options.preprocessing },
    labels: named?.labels,
  };
  return network ? load(network, { ...all, weights: file }) : load(file, all);
}

function loadOptions(flags: RunFlags, preprocessing: Preprocessing | undefined): LoadOptions {
  const { seed, engine, threads, providers, crop } = flags;
  return {
    ...modelOptions(flags),
    seed,
    // The library refuses names it does not know.
    engine: engine as EngineName | undefined,
    threads,
    providers,
    fetch: { offline: flags.offline, onProgress: downloadProgress() },
    preprocessing: preprocessing ?? (crop && { crop }),
  };
}
