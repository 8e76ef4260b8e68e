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
  /** Share of right first answers; with several labels, of classes told rightly. NaN for regression. */
  readonly accuracy: number;
  /** Share of examples whose class is among the five strongest; NaN where examples have no single class. */
  readonly top5: number;
}

/** What a network said of one example that has one class. */
export interface Verdict {
  /** Which example of the dataset it is. */
  readonly index: number;
  /** The class it has, and the one that the network gives it. */
  readonly label: number;
  readonly predicted: number;
  /** The network's answer for these two: probabilities where it ends in softmax. */
  readonly ofLabel: number;
  readonly ofPredicted: number;
  /** How many classes the network thinks likelier than the right one; 0 if it is right. */
  readonly rank: number;
}

/** What an evaluation found: scores, and the answer for each example. */
export interface Evaluation extends Scores {
  /** In the order of the batches; empty unless the loss is softmax cross-entropy. */
  readonly verdicts: readonly Verdict[];
}

/** How a network is evaluated. */
export interface EvaluateOptions extends RunOptions {
  /** What the network was trained for. Default `softmax_cross_entropy`. */
  readonly loss?: Loss;
  /** After each batch: examples done so far. */
  readonly onProgress?: (examples: number) => void;
}

/**
 * Runs examples through a network as inference does, batch norms folded, and compares its answers with the targets.
 * @param batches of any size
 * @throws TrainingError if there are no examples, or targets of another number than the network's outputs
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
  // If two answers are equal, the first counts as the stronger one, as in argmax.
  const rank = answer.filter((x, c) => x > answer[label] || (x === answer[label] && c < label)).length;
  return { index, label, predicted, ofLabel: answer[label], ofPredicted: answer[predicted], rank };
}
