import { stat } from "node:fs/promises";
import { type EngineName, type LoadOptions, load, Model, networkNames, OptionError, ReadError } from "mobilenets";
import { didYouMean, selectEngine } from "mobilenets/graph";
import { describePreprocessing } from "mobilenets/weights";
import { downloadProgress } from "./download-progress.ts";
import { checkLabels, readLabels } from "./labels-file.ts";
import { modelOptions } from "./network-options.ts";
import { diagnostic } from "./output.ts";
import { resolvePreprocessing } from "./preprocessing-spec.ts";
import { type RunFlags, weightsSuggestions } from "./run-options.ts";
import { type NamedWeights, namedWeights } from "./weights-names.ts";

/**
 * Loads the model of a command line. By default, it loads the ImageNet weights of the network. The default network is
 * the one whose weights are installed.
 * @param say called with the name of the weights, and with warnings; default: prints to stderr
 * @throws OptionError for missing or wrong options, or labels that are not as many as the classes; ReadError for
 * missing weights
 */
export async function loadModel(flags: RunFlags, say = diagnostic): Promise<Model> {
  const { weights = "imagenet" } = flags;
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels);
  const named = await namedWeights(weights);
  const model = await loadFrom(weights, named, flags, labels, say);
  // A command that runs no picture still warns of weights that are NaN: to read the notes is to be told.
  void model.notes;
  checkLabels(labels, flags.labels!, model);
  if (weights === "imagenet") {
    say(`weights: ${model.name}, trained on ImageNet; --weights takes a file, or another name`);
  }
  if (weights === "random") say("warning: the weights are random, so labels and features are meaningless");
  return prepared(model, named, flags);
}

/**
 * Prints the preprocessing on stderr. Other tools may prepare pictures differently, which changes the numbers.
 * @param onlyOthers print only another library's way of resizing
 */
export function announcePipeline({ preprocessing }: Model, { onlyOthers = false } = {}): void {
  const { resize = "mobilenets" } = preprocessing;
  if (onlyOthers && resize === "mobilenets") return;
  diagnostic(`pictures: ${describePreprocessing(preprocessing)}; --preprocessing changes it`);
}

/** Loads the model with the preprocessing of its weights. The flags for preprocessing come later. */
async function loadFrom(
  weights: string,
  named: NamedWeights | undefined,
  flags: RunFlags,
  labels: readonly string[] | undefined,
  say: (line: string) => void,
): Promise<Model> {
  const { network } = flags;
  const options = { ...loadOptions(flags, say), labels: labels ?? named?.labels };
  if (weights === "imagenet") return load(network, options);
  if (weights === "random") {
    if (!network) {
      throw new OptionError({ where: "--weights random", found: "no --network", expected: "the network to fill" });
    }
    return load(network, { ...options, weights });
  }
  if (!named) await checkWeights(weights);
  const file = named?.file ?? weights;
  return network ? load(network, { ...options, weights: file }) : load(file, options);
}

/** Gives the model its final preprocessing: that of the weights, changed by their name and by the flags. */
function prepared(model: Model, named: NamedWeights | undefined, flags: RunFlags): Model {
  if (!named?.preprocessing && !flags.crop && !flags.preprocessing) return model;
  const { program, labels, network, options, notes, ops } = model;
  const preprocessing = resolvePreprocessing({ ...model.preprocessing, ...named?.preprocessing }, flags);
  const { engine = "auto", threads, providers } = flags;
  return new Model(
    { program, preprocessing, labels, network, options, notes, ops },
    selectEngine(engine, { threads, providers }),
  );
}

function loadOptions(flags: RunFlags, say: (line: string) => void): LoadOptions {
  const { seed, stateDict, modelOutput, engine, threads, providers } = flags;
  return {
    ...modelOptions(flags),
    seed,
    stateDict,
    output: modelOutput,
    // The library refuses names it does not know.
    engine: engine as EngineName | undefined,
    threads,
    providers,
    warn: (note) => say(`warning: ${note}`),
    fetch: { offline: flags.offline, onProgress: downloadProgress() },
  };
}

/** True for a name or URL of weights, false for the path of a file. */
export function isWeightsName(weights: string): boolean {
  return [...networkNames, ...weightsSuggestions].includes(weights) || /^(https?|data|file):/.test(weights);
}

/** @throws ReadError with the nearest names, if there is no such file or name */
async function checkWeights(weights: string): Promise<void> {
  if (isWeightsName(weights) || (await stat(weights).catch(() => undefined))) return;
  throw new ReadError({
    where: weights,
    found: "no such file, and no name of weights",
    hint: didYouMean(weights, weightsSuggestions) ?? "`mobilenets weights list --all` has the names",
  });
}
