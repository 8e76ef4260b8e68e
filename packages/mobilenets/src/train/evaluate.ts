import type { Engine, RunOptions } from "../engines/engine.ts";
import { TrainingError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { formatShape, sizeOf, tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";
import { argmax, exampleAccuracy, exampleLoss, lastActivation } from "./score.ts";
import type { Loss } from "./step.ts";

/** The scores of a network. Each is a mean over the examples. */
export interface Scores {
  readonly examples: number;
  readonly loss: number;
  /** Share of correct top-1 predictions; with several labels, of correct classes. NaN for regression. */
  readonly accuracy: number;
  /** Share of examples whose class is among the top five; NaN if examples have no single class. */
  readonly top5: number;
}

/** A network's prediction for one example of a single class. */
export interface Verdict {
  /** Index of the example in the dataset. */
  readonly index: number;
  /** The example's class, and the predicted one. */
  readonly label: number;
  readonly predicted: number;
  /** The network's outputs for these two classes: probabilities if it ends in softmax. */
  readonly ofLabel: number;
  readonly ofPredicted: number;
  /** The number of classes ranked above the true one; 0 for a correct prediction. */
  readonly rank: number;
}

/** The result of an evaluation: scores, and the prediction for each example. */
export interface Evaluation extends Scores {
  /** In the order of the batches; empty unless the loss is softmax cross-entropy. */
  readonly verdicts: readonly Verdict[];
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** The loss of the network's training. Default `softmax_cross_entropy`. */
  readonly loss?: Loss;
  /** Called after each batch with the number of examples done. */
  readonly onProgress?: (examples: number) => void;
}

/**
 * Runs examples through a network as inference does, with batch norms folded, and compares its outputs with the targets.
 * @param batches of any size
 * @throws TrainingError if there are no examples, or the targets do not fit the network's outputs
 */
export async function evaluate(
  program: Program,
  engine: Engine,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { loss = "softmax_cross_entropy", onProgress, signal } = options;
  const { graph } = program;
  const last = lastActivation(graph);
  const verdicts: Verdict[] = [];
  let [examples, losses, accuracies] = [0, 0, 0];
  const executable = await engine.compile(program);
  try {
    for await (const { images, targets, indices } of batches) {
      signal?.throwIfAborted();
      const n = indices.length;
      const shape = [n, ...graph.input.shape.slice(1)];
      const [{ data, shape: answered }] = await executable.run(tensor(shape, images), { signal });
      const classes = sizeOf(answered.slice(1));
      if (targets.length !== n * classes) {
        throw new TrainingError({
          where: graph.name,
          found: `outputs of shape ${formatShape(answered)} and ${targets.length} target values`,
          expected: `${n * classes}`,
          hint: "does the network have as many classes as the dataset?",
        });
      }
      for (let i = 0; i < n; i++) {
        const answer = data.subarray(i * classes, (i + 1) * classes);
        const target = targets.subarray(i * classes, (i + 1) * classes);
        losses += exampleLoss(answer, target, loss, last);
        accuracies += exampleAccuracy(last === "sigmoid" ? answer.map((p) => p - 0.5) : answer, target, loss);
        if (loss === "softmax_cross_entropy") verdicts.push(verdict(indices[i], answer, target));
      }
      examples += n;
      onProgress?.(examples);
    }
  } finally {
    executable.dispose();
  }
  if (examples === 0) {
    throw new TrainingError({ where: graph.name, found: "no examples to evaluate", expected: "at least one" });
  }
  const top5 = verdicts.filter(({ rank }) => rank < 5).length / verdicts.length;
  return { examples, loss: losses / examples, accuracy: accuracies / examples, top5, verdicts };
}

function verdict(index: number, answer: Float32Array, target: Float32Array): Verdict {
  const label = argmax(target);
  const predicted = argmax(answer);
  // Of equal outputs, the first ranks higher, as in argmax.
  const rank = answer.filter((x, c) => x > answer[label] || (x === answer[label] && c < label)).length;
  return { index, label, predicted, ofLabel: answer[label], ofPredicted: answer[predicted], rank };
}
