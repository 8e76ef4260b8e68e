import { OptionError } from "../errors.ts";
import { activationNames } from "../graph/activations.ts";
import type { Graph, Program, Weights } from "../graph/graph.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { is } from "../graph/ops.ts";
import { foldPadding } from "../passes/fold-padding.ts";
import { splitActivations } from "../passes/split-activation.ts";
import type { Shape } from "../tensor.ts";
import { differentiate } from "./differentiate.ts";
import { freezePrefix, layersUntil } from "./freeze-prefix.ts";
import { type LearningNorm, learnNorms } from "./learn-norms.ts";
import { type Mask, maskDropout } from "./mask-dropout.ts";
import { takeLogits } from "./take-logits.ts";
import { withBatch } from "./with-batch.ts";

export interface TrainingGraphOptions {
  readonly batchSize: number;
  /** The last frozen layer; all layers before it are frozen too. */
  readonly freezeUntil?: string;
  /** Batch norms keep their statistics, gamma and beta. */
  readonly freezeNorms?: boolean;
}

/** A network's forward and backward pass as one graph. */
export interface TrainingGraph {
  /** Shapes include the batch. The outputs are the logits, the moments of `norms` and the gradients. */
  readonly graph: Graph;
  /** The number of nodes, from the first, that do not need the loss. */
  readonly forward: number;
  /** Weights of all parameters that are not fed. Those of frozen layers have batch norms folded in. */
  readonly weights: Weights;
  /** The value that the loss is computed from: a row of numbers per picture. */
  readonly logits: string;
  /** The parameter that receives the loss' gradient by the logits. */
  readonly logitsGradient: { readonly name: string; readonly shape: Shape };
  /** Parameters fed before each step. */
  readonly masks: readonly Mask[];
  /** The value that is the gradient, by trained parameter, in the network's order. */
  readonly gradients: Readonly<Record<string, string>>;
  readonly norms: readonly LearningNorm[];
}

/**
 * Builds the training graph of a network as it was built: with unmerged layers and the weights of all parameters.
 * @throws OptionError if the network has no logits, `freezeUntil` is none of its layers, or nothing is left to train
 */
export function trainingGraph({ graph, weights }: Program, options: TrainingGraphOptions): TrainingGraph {
  const { batchSize, freezeUntil, freezeNorms = false } = options;
  const split = splitActivations({ graph: withBatch(graph, batchSize), weights }, nonlinear);
  const layers = freezeUntil === undefined ? new Set<string>() : layersUntil(split.graph, freezeUntil);
  const padded = foldPadding({ graph: takeLogits(split.graph), weights });
  const { program, frozen } = freezePrefix(padded, layers);
  const masked = maskDropout(program.graph);
  const learning = freezeNorms ? { graph: masked.graph, norms: [] } : learnNorms(masked.graph, frozen);

  const parameters = trained(learning.graph, frozen);
  if (parameters.length === 0) {
    throw new OptionError({
      where: freezeUntil === undefined ? graph.name : "freezeUntil",
      found: `nothing left to train${freezeUntil === undefined ? "" : ` after ${JSON.stringify(freezeUntil)}`}`,
      expected: "a layer with weights",
    });
  }
  const [logits] = learning.graph.outputs;
  const { shape } = learning.graph.nodes.find(({ name }) => name === logits)!;
  const logitsGradient = { name: `${logits}/gradient`, shape };
  const forward: Graph = {
    ...learning.graph,
    params: { ...learning.graph.params, [logitsGradient.name]: { shape, trainable: false, init: "zeros" } },
  };
  const { graph: both, gradients } = differentiate(forward, logits, logitsGradient.name, parameters);
  const outputs = [logits, ...learning.norms.map(({ moments }) => moments), ...Object.values(gradients)];
  const complete = withParamsRead({ ...both, outputs });
  return {
    graph: complete,
    forward: forward.nodes.length,
    weights: Object.fromEntries(Object.entries(program.weights).filter(([name]) => name in complete.params)),
    logits,
    logitsGradient,
    masks: masked.masks,
    gradients,
    norms: learning.norms,
  };
}

const nonlinear = activationNames.filter((name) => name !== "linear");

/** Parameters of layers that are not frozen. A batch norm still in its inference form is frozen. */
function trained(graph: Graph, frozen: ReadonlySet<string>): readonly string[] {
  const layers = graph.nodes.filter((node) => !frozen.has(node.name) && !is(node, batchNormalization));
  return [...new Set(layers.flatMap(({ inputs }) => inputs))].filter((input) => graph.params[input]?.trainable);
}

/** Drops unread parameters: batch norms in training do not read their moving statistics. */
function withParamsRead(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, params: Object.fromEntries(Object.entries(graph.params).filter(([name]) => read.has(name))) };
}
