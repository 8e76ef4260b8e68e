import type { Node } from "../../../graph/graph.ts";
import type { Pooling2dAttrs } from "../../../graph/ops/pooling2d.ts";
import type { Resize2dAttrs } from "../../../graph/ops/resize2d.ts";
import type { SliceChannelsAttrs } from "../../../graph/ops/slice_channels.ts";
import { windowGeometry } from "../../../graph/window.ts";
import { type Buffer, countOf, pixel } from "../../buffer.ts";
import { channelBytes, imageOf, pitchOf, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";

/** Some channels of a map, as a map. */
const channelsOf = (b: Buffer, begin: number, size: number): Buffer => ({
  ...b,
  channels: size,
  offset: b.offset + begin * b.element,
});

export function lowerConcatenate(ctx: Lowering, node: Node): void {
  const c = ctx.result(node);
  let begin = 0;
  for (const input of node.inputs) {
    const x = ctx.plain(ctx.value(input));
    ctx.copy(x, channelsOf(c, begin, x.channels));
    begin += x.channels;
  }
}

export function lowerSliceChannels(ctx: Lowering, node: Node, { begin, size }: SliceChannelsAttrs): void {
  const x = ctx.plain(ctx.value(node.inputs[0]));
  ctx.copy(channelsOf(x, begin, size), ctx.result(node));
}

export function lowerPooling(ctx: Lowering, node: Node, attrs: Pooling2dAttrs): void {
  const a = ctx.plain(ctx.aligned(ctx.value(node.inputs[0])));
  const c = ctx.result(node);
  const [kh, kw] = attrs.kernelSize;
  ctx.emit("f32-pool", { ...mapOf("a", a), ...mapOf("c", c), ...windowOf(a, c, attrs) }, (countOf(c) * kh * kw) / 4);
}

export function lowerPoolingGrad(ctx: Lowering, node: Node, attrs: Pooling2dAttrs): void {
  const [a, b, d] = node.inputs.map((input) => ctx.plain(ctx.aligned(ctx.value(input))));
  const c = ctx.result(node);
  const [kh, kw] = attrs.kernelSize;
  ctx.emit(
    "f32-pool-grad",
    { ...mapOf("a", a), ...mapOf("b", b), ...mapOf("d", d), ...mapOf("c", c), ...windowOf(a, b, attrs) },
    (countOf(b) * kh * kw) / 2,
  );
}

export function lowerResize(ctx: Lowering, node: Node, attrs: Resize2dAttrs): void {
  const a = ctx.plain(ctx.aligned(ctx.value(node.inputs[0])));
  const c = ctx.result(node);
  ctx.emit("f32-resize", { ...mapOf("a", a), ...mapOf("c", c), ...resizeOf(a, c, attrs) }, countOf(c) * 2);
}

export function lowerResizeGrad(ctx: Lowering, node: Node, attrs: Resize2dAttrs): void {
  const d = ctx.plain(ctx.aligned(ctx.value(node.inputs[1])));
  const c = ctx.result(node);
  ctx.emit("f32-resize-grad", { ...mapOf("d", d), ...mapOf("c", c), ...resizeOf(c, d, attrs) }, countOf(d) * 2);
}

/** Arguments to resize a map `a` to the size of `c`. */
const resizeOf = (a: Buffer, c: Buffer, { interpolation }: Resize2dAttrs) => ({
  ...sizesOf(a, c),
  yScale: a.height / c.height,
  xScale: a.width / c.width,
  nearest: interpolation === "nearest" ? 1 : 0,
  bytes: channelBytes(a),
});

type MapArgs<X extends string> = { readonly [F in X]: ReturnType<typeof pixel> } & {
  readonly [F in `${X}Image` | `${X}Pitch` | `${X}Step`]: number;
};

function mapOf<X extends string>(x: X, b: Buffer): MapArgs<X> {
  const fields = { [x]: pixel(b), [`${x}Image`]: imageOf(b), [`${x}Pitch`]: pitchOf(b), [`${x}Step`]: stepOf(b) };
  return fields as unknown as MapArgs<X>;
}

const sizesOf = (a: Buffer, c: Buffer) => ({
  images: a.images,
  height: a.height,
  width: a.width,
  outHeight: c.height,
  outWidth: c.width,
});

function windowOf(a: Buffer, c: Buffer, attrs: Pooling2dAttrs) {
  const [kh, kw] = attrs.kernelSize;
  const [sh, sw] = attrs.strides;
  const { top, left } = windowGeometry(a.height, a.width, attrs).pad;
  const max = attrs.kind === "max" ? 1 : 0;
  return { ...sizesOf(a, c), kh, kw, sh, sw, top, left, bytes: channelBytes(a), max };
}
