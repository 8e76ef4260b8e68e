import type { Node, Program } from "../../packages/mobilenets/src/graph/graph.ts";
import type { WindowAttrs } from "../../packages/mobilenets/src/graph/window.ts";
import { windowGeometry } from "../../packages/mobilenets/src/graph/window.ts";
import { foldBatchNorm } from "../../packages/mobilenets/src/passes/fold-batch-norm.ts";
import { foldPadding } from "../../packages/mobilenets/src/passes/fold-padding.ts";
import { fuseActivation } from "../../packages/mobilenets/src/passes/fuse-activation.ts";
import type { Pass } from "../../packages/mobilenets/src/passes/optimise.ts";
import { removeIdentity } from "../../packages/mobilenets/src/passes/remove-identity.ts";
import { splitActivation } from "../../packages/mobilenets/src/passes/split-activation.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";

/**
 * What the peers' converters do to a Keras model before they write it: no dropout, padding and batch norm inside the
 * convolutions, activations with them. Residual adds stay layers of their own; each runtime fuses what it can.
 */
const passes: readonly Pass[] = [removeIdentity, splitActivation, foldPadding, foldBatchNorm, fuseActivation];

export const plain: Pass = (program) => passes.reduce((p, pass) => pass(p), program);

/**
 * For formats that know only `SAME` and `VALID`.
 * @throws if a convolution pads otherwise; the four networks at even sizes do not
 */
export function namedPadding(node: Node, input: Shape, attrs: WindowAttrs): "SAME" | "VALID" {
  const actual = JSON.stringify(windowGeometry(input[1], input[2], attrs));
  if (actual === JSON.stringify(windowGeometry(input[1], input[2], { ...attrs, padding: "same" }))) return "SAME";
  if (actual === JSON.stringify(windowGeometry(input[1], input[2], { ...attrs, padding: "valid" }))) return "VALID";
  throw new Error(`${node.name}: padding ${JSON.stringify(attrs.padding)} is neither SAME nor VALID`);
}

/** A program's values by name: their shapes, for writers that ask for their input's. */
export function shapeOf({ graph }: Program, value: string): Shape {
  if (value === graph.input.name) return graph.input.shape;
  const shape = graph.params[value]?.shape ?? graph.nodes.find(({ name }) => name === value)?.shape;
  if (!shape) throw new Error(`${graph.name}: no value "${value}"`);
  return shape;
}
