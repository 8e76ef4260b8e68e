import type { Activation } from "../../graph/activations.ts";
import type { Node } from "../../graph/graph.ts";
import type { ActivationAttrs } from "../../graph/ops/activation.ts";
import type { BatchNormalizationAttrs } from "../../graph/ops/batch_normalization.ts";
import type { RescalingAttrs } from "../../graph/ops/rescaling.ts";
import { activationArgs } from "../activation-args.ts";
import { type Buffer, countOf, pixel } from "../buffer.ts";
import type { PendingArgs } from "../emitter.ts";
import { channelBytes, imageOf, pitchOf, pixelsOf, stepOf } from "../layout.ts";
import type { Lowering } from "../lowering.ts";

export function lowerActivation(ctx: Lowering, node: Node, { activation }: ActivationAttrs): void {
  if (activation !== "softmax" && activation !== "sigmoid") {
    emitUnary(ctx, node, 1, 0, activation);
    return;
  }
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  if (activation === "sigmoid") {
    emitPerPixel(ctx, node, "f32-sigmoid", x, {});
    return;
  }
  const c = ctx.result(node);
  ctx.emit(
    "f32-softmax",
    {
      a: pixel(x),
      aStep: stepOf(x),
      c: pixel(c),
      cStep: stepOf(c),
      rows: pixelsOf(x),
      count: x.channels,
    },
    0,
  );
}

export function lowerRescaling(ctx: Lowering, node: Node, { scale, offset }: RescalingAttrs): void {
  emitUnary(ctx, node, scale, offset, "linear");
}

/** Works row by row, so that a picture goes directly into the frame of its convolution. */
function emitUnary(ctx: Lowering, node: Node, scale: number, offset: number, activation: Activation): void {
  const a = ctx.value(node.inputs[0]);
  const c = ctx.result(node, true, a.cs);
  ctx.emit(
    "f32-unary",
    {
      a: pixel(a),
      aImage: imageOf(a),
      aPitch: pitchOf(a),
      c: pixel(c),
      cImage: imageOf(c),
      cPitch: pitchOf(c),
      images: a.images,
      rows: a.height,
      count: a.width * a.cs,
      scale,
      offset,
      ...activationArgs(node.name, activation),
    },
    countOf(a) / 2,
  );
}

export function lowerAdd(ctx: Lowering, node: Node): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  emitPerPixel(ctx, node, "f32-add", a, { b: pixel(b), bStep: stepOf(b) });
}

export function lowerMultiply(ctx: Lowering, node: Node): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const gate = b.height * b.width < a.height * a.width;
  const c = ctx.result(node);
  ctx.emit(
    "f32-multiply",
    {
      a: pixel(a),
      aStep: stepOf(a),
      b: pixel(b),
      bImage: imageOf(b),
      bStep: gate ? 0 : stepOf(b),
      c: pixel(c),
      cStep: stepOf(c),
      images: a.images,
      rows: a.height * a.width,
      bytes: channelBytes(a),
    },
    countOf(a) / 2,
  );
}

/** A batch norm that is not folded into a convolution. */
export function lowerBatchNorm(ctx: Lowering, node: Node, { epsilon }: BatchNormalizationAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const params = node.inputs.slice(1) as [string, string, string, string];
  const [channels] = ctx.paramShape(params[0]);
  const scale = ctx.values.constant({ kind: "norm-scale", params, epsilon, channels });
  const offset = ctx.values.constant({ kind: "norm-shift", params, epsilon, channels });
  emitPerPixel(ctx, node, "f32-affine", x, { scale, offset });
}

type PerPixel = "f32-add" | "f32-affine" | "f32-sigmoid";

/** Emits a step that treats all pixels alike. */
export function emitPerPixel<K extends PerPixel>(
  ctx: Lowering,
  node: Node,
  kernel: K,
  a: Buffer,
  operands: Omit<PendingArgs<K>, "a" | "aStep" | "c" | "cStep" | "rows" | "bytes">,
): void {
  const c = ctx.result(node);
  ctx.emit(
    kernel,
    {
      ...operands,
      a: pixel(a),
      aStep: stepOf(a),
      c: pixel(c),
      cStep: stepOf(c),
      rows: pixelsOf(a),
      bytes: channelBytes(a),
    } as unknown as PendingArgs<K>,
    countOf(a) / 2,
  );
}
