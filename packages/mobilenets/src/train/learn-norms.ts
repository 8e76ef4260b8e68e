import { OptionError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { batchMoments } from "../graph/ops/batch_moments.ts";
import { type BatchNormalizationAttrs, batchNormalization } from "../graph/ops/batch_normalization.ts";
import { type BatchNormalizeAttrs, batchNormalize } from "../graph/ops/batch_normalize.ts";
import { is } from "../graph/ops.ts";
import { rewrite, usesOf } from "../passes/uses.ts";
import { sizeOf } from "../tensor.ts";

/** A batch norm that takes its statistics from the batch, with the data to update its moving statistics. */
export interface LearningNorm {
  readonly layer: string;
  /** Value [2,c]: mean and biased variance of the batch. */
  readonly moments: string;
  /** Parameters [c] of the network that the training graph does not read. */
  readonly movingMean: string;
  readonly movingVariance: string;
  /** Share of the old statistics kept at each step. */
  readonly momentum: number;
  /** Numbers per channel of the batch. */
  readonly count: number;
  /** Whether the moving variance follows `variance count / (count - 1)`. */
  readonly unbiased: boolean;
}

/**
 * Turns batch norms into their training form. An elementwise activation after one becomes part of it, because kernels
 * compute both, and both gradients, in one pass.
 * @param frozen layers that do not change
 */
export function learnNorms(
  graph: Graph,
  frozen: ReadonlySet<string>,
): { graph: Graph; norms: readonly LearningNorm[] } {
  const uses = usesOf(graph);
  const norms: LearningNorm[] = [];
  const moments = new Map<string, Node>();
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  for (const node of graph.nodes) {
    if (frozen.has(node.name) || !is(node, batchNormalization)) continue;
    const { name, shape, attrs } = node;
    const [x, gamma, beta, movingMean, movingVariance] = node.inputs;
    const channels = shape[shape.length - 1];
    const of: Node = { name: `${name}/moments`, op: batchMoments.name, inputs: [x], attrs: {}, shape: [2, channels] };
    moments.set(name, of);

    const next = uses.soleReader(name);
    const fused = next && is(next, activation) && next.attrs.activation !== "softmax" ? next : undefined;
    const normalize: BatchNormalizeAttrs = {
      epsilon: attrs.epsilon,
      activation: (fused?.attrs.activation ?? "linear") as BatchNormalizeAttrs["activation"],
    };
    const inputs = [x, of.name, gamma, beta];
    replaced.set(name, { name, op: batchNormalize.name, inputs, attrs: normalize, shape });
    if (fused) {
      replaced.set(fused.name, null);
      renamed.set(fused.name, name);
    }
    norms.push(learning(node, { moments: of.name, movingMean, movingVariance }, sizeOf(shape) / channels));
  }
  const rewritten = rewrite(graph, replaced, renamed);
  const nodes = rewritten.nodes.flatMap((node) => {
    const of = moments.get(node.name);
    return of ? [{ ...of, inputs: node.inputs.slice(0, 1) }, node] : [node];
  });
  return { graph: { ...rewritten, nodes }, norms };
}

function learning(
  { name: layer, attrs }: Node & { attrs: BatchNormalizationAttrs },
  values: Pick<LearningNorm, "moments" | "movingMean" | "movingVariance">,
  count: number,
): LearningNorm {
  if (count > 1) return { layer, ...values, momentum: attrs.momentum, count, unbiased: attrs.unbiased ?? false };
  throw new OptionError({
    where: layer,
    found: "a batch norm of one number per channel, whose result would not depend on the picture",
    hint: "use a larger batch or larger pictures, or freeze batch norms",
  });
}
