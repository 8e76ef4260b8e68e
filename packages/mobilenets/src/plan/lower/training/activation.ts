import { EngineError } from "../../../errors.ts";
import type { Activation } from "../../../graph/activations.ts";
import type { Node } from "../../../graph/graph.ts";
import type { ActivationAttrs } from "../../../graph/ops/activation.ts";
import { SLOPE } from "../../../kernels/training/signatures.ts";
import { type Buffer, countOf, pixel } from "../../buffer.ts";
import { channelBytes, pixelsOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";

const slopes: Partial<Record<Activation, number>> = {
  linear: SLOPE.none,
  relu: SLOPE.relu,
  relu6: SLOPE.relu6,
  hard_swish: SLOPE.hardSwish,
  hard_sigmoid: SLOPE.hardSigmoid,
  sigmoid: SLOPE.sigmoid,
};

/** The kernels' number for an activation's derivative. */
export function slopeOf(node: string, activation: Activation): number {
  const slope = slopes[activation];
  if (slope !== undefined) return slope;
  throw new EngineError({
    where: node,
    found: `the gradient of ${activation}`,
    expected: "an elementwise activation",
    hint: "train on logits, with a loss that takes them",
  });
}

export function lowerActivationGrad(ctx: Lowering, node: Node, { activation }: ActivationAttrs): void {
  const [dy, x] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  emitActivationGrad(ctx, dy, x, ctx.result(node), slopeOf(node.name, activation));
}

export function emitActivationGrad(ctx: Lowering, dy: Buffer, x: Buffer, c: Buffer, act: number): void {
  ctx.emit(
    "f32-activation-grad",
    {
      a: pixel(dy),
      aStep: stepOf(dy),
      b: pixel(x),
      bStep: stepOf(x),
      c: pixel(c),
      cStep: stepOf(c),
      images: 1,
      rows: pixelsOf(x),
      bytes: channelBytes(x),
      act,
    },
    countOf(x) / 2,
  );
}
