import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Graph } from "../../graph/graph.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { activationOf, is, isConvolution } from "../../graph/ops.ts";
import { type ExplicitPadding, symmetric, windowGeometry } from "../../graph/window.ts";
import { foldPadding } from "../../passes/fold-padding.ts";

/** Properties of a network that its state dict does not show. */
export interface Numerics {
  /** PyTorch's padding, or TensorFlow's `same`, which timm has too. */
  readonly padding: "symmetric" | "same";
  /** Epsilon of the batch norms. */
  readonly epsilon: number;
  /** Activations of the layers. */
  readonly activations: ReadonlySet<Activation>;
}

/** @throws WeightsError for a network whose layers differ in these, or have another padding */
export function numericsOf(graph: Graph, where: string): Numerics {
  const folded = foldPadding({ graph, weights: {} }).graph;
  const shapes = new Map([folded.input, ...folded.nodes].map(({ name, shape }) => [name, shape]));
  const windows = folded.nodes.filter(isConvolution);
  // At some sizes both paddings are the same; the attribute of strided convolutions decides.
  const padding = windows.some(({ attrs }) => attrs.strides[0] > 1 && attrs.padding === "same") ? "same" : "symmetric";
  for (const { name, attrs, inputs } of windows) {
    const [, height, width] = shapes.get(inputs[0]) ?? [];
    const { pad } = windowGeometry(height, width, attrs);
    const own = symmetric((attrs.kernelSize[0] - 1) / 2);
    const expected = padding === "same" ? windowGeometry(height, width, { ...attrs, padding }).pad : own;
    if (!equal(pad, expected)) {
      throw new WeightsError({
        where: `${where}: ${name}`,
        found: `padding ${Object.values(pad)} (top, bottom, left, right) at ${height}x${width} pixels`,
        expected: `${Object.values(expected)}, as PyTorch's networks can pad`,
        hint: "V1 of flavor keras pads this way at multiples of 32 pixels: load it with such an inputShape",
      });
    }
  }
  const epsilons = new Set(folded.nodes.flatMap((node) => (is(node, batchNormalization) ? [node.attrs.epsilon] : [])));
  if (epsilons.size !== 1) {
    throw new WeightsError({ where, found: `batch norms of epsilon ${[...epsilons]}`, expected: "one for all" });
  }
  const activations = new Set(folded.nodes.flatMap((node) => activationOf(node) ?? []));
  return { padding, epsilon: [...epsilons][0], activations };
}

function equal(a: ExplicitPadding, b: ExplicitPadding): boolean {
  return a.top === b.top && a.bottom === b.bottom && a.left === b.left && a.right === b.right;
}
