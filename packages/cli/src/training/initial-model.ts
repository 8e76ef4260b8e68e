import { load, OptionError } from "mobilenets";
import { lastActivation, withClassifier } from "mobilenets/train";
import type { WritableModel } from "mobilenets/weights";
import { loadModel } from "../load-model.ts";
import { modelOptions } from "../network-options.ts";
import { resolvePreprocessing } from "../preprocessing-spec.ts";
import type { TrainFlags } from "./flags.ts";
import type { RunPlan } from "./plan-run.ts";

/** The network at the start of training. */
export interface InitialModel {
  readonly model: WritableModel;
  /** Source of the classifier: the weights, or random numbers in spite of weights. Undefined from scratch. */
  readonly classifier?: "kept" | "fresh";
}

/**
 * Makes the network to train: with random weights, or with given weights and, unless the classes are the same, a fresh
 * classifier.
 */
export async function initialModel(
  flags: TrainFlags,
  plan: RunPlan,
  classes: readonly string[],
): Promise<InitialModel> {
  if (flags.classes !== undefined && flags.classes !== classes.length) {
    const hint = "leave --classes out: the pictures tell";
    throw new OptionError({ where: "--classes", found: `${flags.classes}`, expected: `${classes.length}`, hint });
  }
  const activation = plan.targets.multiLabel ? "sigmoid" : "softmax";
  const { dropout, seed } = plan;
  if (plan.mode === "scratch") {
    const options = {
      ...modelOptions(flags),
      classes: classes.length,
      classifierActivation: activation,
      dropout,
    } as const;
    if (flags.labels !== undefined) {
      const hint = "a network from scratch has the classes of the pictures";
      throw new OptionError({ where: "--labels", found: `${flags.labels} without --weights`, hint });
    }
    const model = await load(flags.network!, { ...options, weights: "random", seed, labels: classes });
    model.dispose();
    return { model: { ...writable(model), preprocessing: resolvePreprocessing(model.preprocessing, flags) } };
  }
  const model = await loadModel({ ...flags, classes: undefined });
  model.dispose();
  const same = model.labels.length === classes.length && classes.every((name, i) => name === model.labels[i]);
  // For transfer, the head adds the dropout.
  const keeps = same && plan.mode === "fine-tune";
  if (keeps && dropout === undefined && lastActivation(model.program.graph) === activation) {
    return { model: writable(model), classifier: "kept" };
  }
  const fresh = withClassifier(writable(model), {
    labels: classes,
    activation,
    seed,
    dropout: plan.mode === "transfer" ? undefined : dropout,
  });
  return keeps ? { model: withWeightsOf(fresh, model), classifier: "kept" } : { model: fresh, classifier: "fresh" };
}

/** Takes over the weights that fit. These include the classifier's, if only its dropout or last activation changes. */
function withWeightsOf(model: WritableModel, { program }: WritableModel): WritableModel {
  const { graph, weights } = model.program;
  const learnt = Object.entries(weights).map(([name, own]) => {
    const old = program.weights[name];
    return [name, old && old.data.length === own.data.length ? { ...own, data: old.data } : own] as const;
  });
  return { ...model, program: { graph, weights: Object.fromEntries(learnt) } };
}

function writable({ program, preprocessing, labels, network, options }: WritableModel): WritableModel {
  return { program, preprocessing, labels, network, options };
}
