import type { Activation } from "../../../graph/activations.ts";
import type { BatchNormalizeAttrs } from "../../../graph/batch-norm.ts";
import type { Node } from "../../../graph/graph.ts";
import type { BatchNormalizationAttrs } from "../../../graph/ops/batch_normalization.ts";
import { noPadding } from "../../../graph/window.ts";
import { activationArgs } from "../../activation-args.ts";
import { type Address, type Buffer, countOf, imageAt, pixel } from "../../buffer.ts";
import { bytesOf, channelBytes, imageOf, layoutOf, pitchOf, pixelsOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";
import { emitPerPixel } from "../elementwise.ts";
import { emitActivationGrad, slopeOf } from "./activation.ts";

/** Bytes of a map that are summed as one part: a share of the L2 cache. */
const PART = 128 * 1024;
const MOST_PARTS = 256;

/** The kernels accept inputs with or without frames. */
export const anyFrame = () => noPadding;

const map = <X extends string>(x: X, b: Buffer) =>
  ({ [x]: pixel(b), [`${x}Image`]: imageOf(b), [`${x}Pitch`]: pitchOf(b), [`${x}Step`]: stepOf(b) }) as {
    readonly [F in X]: Address;
  } & { readonly [F in `${X}Image` | `${X}Pitch` | `${X}Step`]: number };

const rows = (b: Buffer) => ({ images: b.images, height: b.height, width: b.width, bytes: channelBytes(b) });

/** The number of parts. It depends only on the map, so that sums do not depend on the number of threads. */
export const partsOf = (b: Buffer, most = MOST_PARTS) =>
  Math.max(1, Math.min(Math.ceil(bytesOf(b) / PART), b.images * b.height, most));

/** Two rows of per-channel results. */
const pair = (ctx: Lowering, channels: number) => ctx.values.buffer(layoutOf([2, channels]));
const row = (b: Buffer, i: number) => pixel(imageAt(b, i));
const result = (c: Buffer) => ({ bytes: stepOf(c), c: pixel(c), cRow: imageOf(c) });

export function lowerBatchMoments(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const parts = partsOf(x);
  const sums = ctx.values.buffer(layoutOf([2 * parts, x.channels]));
  ctx.emit("f32-moments", { ...map("a", x), ...rows(x), c: pixel(sums), parts }, countOf(x) / 2);
  const c = ctx.result(node);
  ctx.emit("f32-moments-finish", { a: pixel(sums), parts, x: pixel(x), inverse: 1 / pixelsOf(x), ...result(c) }, 0);
}

/** The scale and shift of a norm. */
function coefficients(ctx: Lowering, [moments, gamma, beta]: readonly string[], epsilon: number): Buffer {
  const m = ctx.value(moments);
  const c = pair(ctx, m.channels);
  ctx.emit(
    "f32-norm-coefficients",
    {
      gamma: pixel(ctx.value(gamma)),
      beta: pixel(ctx.value(beta)),
      mean: row(m, 0),
      variance: row(m, 1),
      epsilon,
      ...result(c),
    },
    0,
  );
  return c;
}

export function lowerBatchNormalize(ctx: Lowering, node: Node, { epsilon, activation }: BatchNormalizeAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const k = coefficients(ctx, node.inputs.slice(1), epsilon);
  if (activation !== "sigmoid") {
    emitNormalize(ctx, x, k, activation, ctx.result(node, true));
    return;
  }
  const before = ctx.values.buffer(layoutOf([x.images, x.height, x.width, x.channels]));
  emitNormalize(ctx, x, k, "linear", before);
  emitPerPixel(ctx, node, "f32-sigmoid", before, {});
}

function emitNormalize(ctx: Lowering, x: Buffer, k: Buffer, activation: Activation, c: Buffer): void {
  const act = activationArgs("batch norm", activation);
  ctx.emit(
    "f32-normalize",
    { ...map("a", x), ...map("c", c), ...rows(x), scale: row(k, 0), shift: row(k, 1), ...act },
    countOf(x) / 2,
  );
}

/** dy, and the activation whose derivative the norm's kernels apply; none if they lack it and a step before does. */
function beforeActivation(ctx: Lowering, node: Node, x: Buffer, k: Buffer, activation: Activation) {
  const dy = ctx.aligned(ctx.value(node.inputs[0]));
  if (activation !== "sigmoid") return { dy, act: slopeOf(node.name, activation) };
  const plain = layoutOf([x.images, x.height, x.width, x.channels]);
  const before = ctx.values.buffer(plain);
  emitNormalize(ctx, x, k, "linear", before);
  const passed = ctx.values.buffer(plain);
  emitActivationGrad(ctx, ctx.plain(dy), before, passed, slopeOf(node.name, activation));
  return { dy: passed, act: slopeOf(node.name, "linear") };
}

export function lowerBatchNormSums(ctx: Lowering, node: Node, { epsilon, activation }: BatchNormalizeAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[1]));
  const moments = ctx.value(node.inputs[2]);
  const k = coefficients(ctx, node.inputs.slice(2), epsilon);
  const { dy, act } = beforeActivation(ctx, node, x, k, activation);
  const parts = partsOf(x);
  const sums = ctx.values.buffer(layoutOf([2 * parts, x.channels]));
  ctx.emit(
    "f32-norm-sums",
    {
      ...map("a", dy),
      ...map("b", x),
      ...rows(x),
      scale: row(k, 0),
      shift: row(k, 1),
      mean: row(moments, 0),
      act,
      c: pixel(sums),
      parts,
    },
    countOf(x),
  );
  const c = ctx.result(node);
  ctx.emit("f32-norm-sums-finish", { a: pixel(sums), parts, variance: row(moments, 1), epsilon, ...result(c) }, 0);
}

export function lowerBatchNormInputGrad(ctx: Lowering, node: Node, { epsilon, activation }: BatchNormalizeAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[1]));
  const moments = ctx.value(node.inputs[2]);
  const sums = ctx.value(node.inputs[5]);
  const k = coefficients(ctx, node.inputs.slice(2, 5), epsilon);
  const { dy, act } = beforeActivation(ctx, node, x, k, activation);
  const back = pair(ctx, x.channels);
  ctx.emit(
    "f32-norm-grad-coefficients",
    {
      scale: row(k, 0),
      mean: row(moments, 0),
      variance: row(moments, 1),
      epsilon,
      dgamma: row(sums, 0),
      dbeta: row(sums, 1),
      inverse: 1 / pixelsOf(x),
      ...result(back),
    },
    0,
  );
  const c = ctx.result(node, true);
  ctx.emit(
    "f32-norm-input-grad",
    {
      ...map("a", dy),
      ...map("b", x),
      ...map("c", c),
      ...rows(x),
      scale: row(k, 0),
      shift: row(k, 1),
      k1: row(back, 0),
      k0: row(back, 1),
      act,
      min: 0,
      max: 0,
    },
    countOf(x),
  );
}

/** The gradient of a frozen norm is a scale per channel. */
export function lowerBatchNormalizationInputGrad(
  ctx: Lowering,
  node: Node,
  { epsilon }: BatchNormalizationAttrs,
): void {
  const dy = ctx.aligned(ctx.value(node.inputs[0]));
  const params = node.inputs.slice(1) as [string, string, string, string];
  const scale = ctx.values.constant({ kind: "norm-scale", params, epsilon, channels: dy.channels });
  const c = ctx.result(node);
  ctx.emit(
    "f32-multiply",
    {
      a: pixel(dy),
      aStep: stepOf(dy),
      b: scale,
      bImage: 0,
      bStep: 0,
      c: pixel(c),
      cStep: stepOf(c),
      images: 1,
      rows: pixelsOf(dy),
      bytes: channelBytes(dy),
    },
    countOf(dy) / 2,
  );
}
