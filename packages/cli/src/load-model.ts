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
 * The model a command line asks for. Without weights it takes the ImageNet weights of the network. Without a network
 * too, it takes the network whose weights are installed.
 * @param say told which weights they are, and of what is to be warned of; by default it goes to stderr
 * @throws OptionError if it names weights that cannot be had, or labels that are not as many as the classes
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
 * Says on stderr how pictures become the network's input: other tools may do it otherwise, which shows in the numbers.
 * @param onlyOthers where it is another library's way, not ours
 */
export function announcePipeline({ preprocessing }: Model, { onlyOthers = false } = {}): void {
  const { resize = "mobilenets" } = preprocessing;
  if (onlyOthers && resize === "mobilenets") return;
  diagnostic(`pictures: ${describePreprocessing(preprocessing)}; --preprocessing says otherwise`);
}

/** As the weights ask for it; how pictures are prepared is settled once it is known what they ask. */
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

/** The model with the preprocessing that was asked for: of the weights, of their name, of the command line. */
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

/** Whether weights are named, by name or URL, rather than the path of a file. */
export function isWeightsName(weights: string): boolean {
  return [...networkNames, ...weightsSuggestions].includes(weights) || /^(https?|data|file):/.test(weights);
}

/** @throws ReadError for what is neither a file nor a name, with the names that are near to it */
async function checkWeights(weights: string): Promise<void> {
  if (isWeightsName(weights) || (await stat(weights).catch(() => undefined))) return;
  throw new ReadError({
    where: weights,
    found: "no such file, and no name of weights",
    hint: didYouMean(weights, weightsSuggestions) ?? "`mobilenets weights list --all` has the names",
  });
}
