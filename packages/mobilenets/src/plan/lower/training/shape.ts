import type { Node } from "../../../graph/graph.ts";
import type { BroadcastAttrs } from "../../../graph/ops/broadcast.ts";
import type { PickAttrs } from "../../../graph/ops/pick.ts";
import type { ZeroPadding2dAttrs } from "../../../graph/ops/zero_padding2d.ts";
import { countOf, imageAt, pixel } from "../../buffer.ts";
import { channelBytes, imageOf, layoutOf, pitchOf, pixelsOf, stepOf, vectorsOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";
import { perImage } from "../shape.ts";
import { largestDivisor } from "./divisor.ts";

/** Rows per partial sum. */
const ROWS = 512;

export function lowerBroadcast(ctx: Lowering, node: Node, { scale }: BroadcastAttrs): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const c = ctx.result(node);
  ctx.emit(
    "f32-broadcast",
    {
      a: pixel(x),
      aImage: imageOf(x),
      c: pixel(c),
      cStep: stepOf(c),
      images: c.images,
      rows: c.height * c.width,
      bytes: channelBytes(c),
      scale,
    },
    vectorsOf(c),
  );
}

export function lowerGateGrad(ctx: Lowering, node: Node): void {
  const [dy, x] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit(
    "f32-dot-rows",
    {
      a: pixel(dy),
      aImage: imageOf(dy),
      aStep: stepOf(dy),
      b: pixel(x),
      bImage: imageOf(x),
      bStep: stepOf(x),
      c: pixel(c),
      cImage: imageOf(c),
      images: x.images,
      rows: x.height * x.width,
      bytes: channelBytes(x),
    },
    countOf(x) / 2,
  );
}

export function lowerMaxGrad(ctx: Lowering, node: Node): void {
  const [x, pooled, dy] = node.inputs.map((input) => ctx.aligned(ctx.value(input)));
  const c = ctx.result(node);
  ctx.emit(
    "f32-max-grad",
    {
      a: pixel(x),
      aStep: stepOf(x),
      b: pixel(pooled),
      bImage: imageOf(pooled),
      dy: pixel(dy),
      dyImage: imageOf(dy),
      c: pixel(c),
      cStep: stepOf(c),
      images: x.images,
      rows: x.height * x.width,
      bytes: channelBytes(x),
    },
    countOf(x) / 2,
  );
}

/** Long columns are summed in two steps, because small numbers lose digits when they are added to a large sum. */
export function lowerChannelSums(ctx: Lowering, node: Node): void {
  const x = ctx.aligned(ctx.value(node.inputs[0]));
  const all = { ...x, images: 1, height: pixelsOf(x), width: 1 };
  const rows = largestDivisor(all.height, ROWS);
  const parts = all.height / rows;
  const c = ctx.result(node);
  if (parts === 1 || rows < 8) {
    ctx.emit("f32-sum-rows", { ...perImage(all, c), scale: 1 }, vectorsOf(x));
    return;
  }
  const sums = ctx.values.buffer(layoutOf([parts, x.channels]));
  ctx.emit("f32-sum-rows", { ...perImage({ ...all, images: parts, height: rows }, sums), scale: 1 }, vectorsOf(x));
  ctx.emit("f32-sum-rows", { ...perImage({ ...sums, images: 1, height: parts }, c), scale: 1 }, vectorsOf(sums));
}

export function lowerPick(ctx: Lowering, node: Node, { index }: PickAttrs): void {
  const row = imageAt(ctx.value(node.inputs[0]), index);
  ctx.copy(row, ctx.result(node));
}

export function lowerCropping(ctx: Lowering, node: Node, { padding: { top, left } }: ZeroPadding2dAttrs): void {
  const x = ctx.plain(ctx.aligned(ctx.value(node.inputs[0])));
  const c = ctx.result(node);
  const inside = { ...c, cs: x.cs };
  for (let i = 0; i < x.images; i++) {
    const from = imageAt(x, i);
    // The copy takes its pitch from its source: the inner part has the pitch of the whole.
    ctx.copy(
      {
        ...inside,
        images: 1,
        id: from.id,
        offset: from.offset + top * pitchOf(from) + left * stepOf(from),
        frame: { top: 0, bottom: 0, left: 0, right: x.width - c.width },
      },
      imageAt(c, i),
    );
  }
}
