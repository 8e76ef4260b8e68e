import type { Node } from "../../../graph/graph.ts";
import type { LayerNormalizationAttrs } from "../../../graph/ops/layer_normalization.ts";
import type { NormalizeRowsAttrs } from "../../../graph/ops/normalize_rows.ts";
import type { UnaryAttrs } from "../../../graph/ops/unary.ts";
import { FUNCTION } from "../../../kernels/imported/signatures.ts";
import { type Buffer, countOf, pixel } from "../../buffer.ts";
import { channelBytes, pixelsOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";

/** Vector operations per number: functions are polynomials, and norms visit a row three times. */
const WORK = 4;

/** The rows that a kernel reads and writes: where the first of a and of c is, and the bytes from one to the next. */
const rowsOf = (a: Buffer, c: Buffer) => ({
  a: pixel(a),
  aStep: stepOf(a),
  c: pixel(c),
  cStep: stepOf(c),
  rows: pixelsOf(a),
});

export function lowerUnary(ctx: Lowering, node: Node, { function: name, alpha = 0 }: UnaryAttrs): void {
  const a = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  ctx.emit(
    "f32-function",
    {
      ...rowsOf(a, c),
      bytes: channelBytes(a),
      function: FUNCTION[name],
      alpha,
    },
    countOf(a) * WORK,
  );
}

export function lowerUnaryGrad(ctx: Lowering, node: Node, { function: name, alpha = 0 }: UnaryAttrs): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit(
    "f32-function-grad",
    {
      ...rowsOf(a, c),
      b: pixel(b),
      bStep: stepOf(b),
      bytes: channelBytes(a),
      function: FUNCTION[name],
      alpha,
    },
    countOf(a) * WORK,
  );
}

export function lowerLogSoftmax(ctx: Lowering, node: Node): void {
  const a = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  ctx.emit(
    "f32-log-softmax",
    {
      ...rowsOf(a, c),
      count: a.channels,
    },
    countOf(a) * WORK,
  );
}

export function lowerLogSoftmaxGrad(ctx: Lowering, node: Node): void {
  const [a, b] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit(
    "f32-log-softmax-grad",
    {
      ...rowsOf(a, c),
      b: pixel(b),
      bStep: stepOf(b),
      count: a.channels,
    },
    countOf(a) * WORK,
  );
}

export function lowerNormalizeRows(ctx: Lowering, node: Node, attrs: NormalizeRowsAttrs): void {
  emitNormalize(ctx, node, attrs);
}

export function lowerLayerNormalization(ctx: Lowering, node: Node, { epsilon }: LayerNormalizationAttrs): void {
  emitNormalize(ctx, node, { kind: "variance", epsilon }, node.inputs[1], node.inputs[2]);
}

/** The address of a parameter; 0 means none to the kernel. */
const addressOf = (ctx: Lowering, param: string | undefined) => (param === undefined ? 0 : pixel(ctx.value(param)));

function emitNormalize(
  ctx: Lowering,
  node: Node,
  { kind, epsilon }: NormalizeRowsAttrs,
  gamma?: string,
  beta?: string,
): void {
  const a = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  ctx.emit(
    "f32-normalize-rows",
    {
      ...rowsOf(a, c),
      count: a.channels,
      length: kind === "length" ? 1 : 0,
      epsilon,
      gamma: addressOf(ctx, gamma),
      beta: addressOf(ctx, beta),
    },
    countOf(a) * WORK,
  );
}

export function lowerNormalizeRowsGrad(ctx: Lowering, node: Node, { kind, epsilon }: NormalizeRowsAttrs): void {
  const [a, b] = node.inputs.slice(0, 2).map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit(
    "f32-normalize-rows-grad",
    {
      ...rowsOf(a, c),
      b: pixel(b),
      bStep: stepOf(b),
      count: a.channels,
      length: kind === "length" ? 1 : 0,
      epsilon,
      gamma: addressOf(ctx, node.inputs[2]),
    },
    countOf(a) * WORK,
  );
}
