import type { Node } from "../../graph/graph.ts";
import type { ActivationAttrs } from "../../graph/ops/activation.ts";
import type { BatchNormalizationAttrs } from "../../graph/ops/batch_normalization.ts";
import type { RescalingAttrs } from "../../graph/ops/rescaling.ts";
import { activationArgs } from "../activation-args.ts";
import { countOf, type Lowering, pixel } from "../lowering.ts";

export function lowerActivation(ctx: Lowering, node: Node, { activation }: ActivationAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  if (activation === "softmax") {
    ctx.emit("f32-softmax", { a: pixel(x), c: pixel(c), rows: x.height * x.width, cs: x.cs, count: x.channels });
  } else if (activation === "sigmoid") {
    ctx.emit("f32-sigmoid", { a: pixel(x), c: pixel(c), count: countOf(x) });
  } else {
    const args = activationArgs(node.name, activation);
    ctx.emit("f32-unary", { a: pixel(x), c: pixel(c), count: countOf(x), scale: 1, offset: 0, ...args });
  }
}

export function lowerRescaling(ctx: Lowering, node: Node, { scale, offset }: RescalingAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  const args = activationArgs(node.name, "linear");
  ctx.emit("f32-unary", { a: pixel(x), c: pixel(c), count: countOf(x), scale, offset, ...args });
}

export function lowerAdd(ctx: Lowering, node: Node): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit("f32-add", { a: pixel(a), b: pixel(b), c: pixel(c), count: countOf(a) });
}

export function lowerMultiply(ctx: Lowering, node: Node): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  if (countOf(a) === countOf(b)) {
    ctx.emit("f32-multiply", { a: pixel(a), b: pixel(b), c: pixel(c), count: countOf(a) });
  } else {
    ctx.emit("f32-scale-rows", { a: pixel(a), b: pixel(b), c: pixel(c), rows: a.height * a.width, cs: a.cs });
  }
}

/** A batch norm that no convolution could take in. */
export function lowerBatchNorm(ctx: Lowering, node: Node, { epsilon }: BatchNormalizationAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  const params = node.inputs.slice(1) as [string, string, string, string];
  const [channels] = ctx.paramShape(params[0]);
  const scale = ctx.constant({ kind: "norm-scale", params, epsilon, channels });
  const offset = ctx.constant({ kind: "norm-shift", params, epsilon, channels });
  ctx.emit("f32-affine", { a: pixel(x), scale, offset, c: pixel(c), rows: x.height * x.width, cs: x.cs });
}
