import { EngineError } from "../../../errors.ts";
import { type Buffer, pixel } from "../../buffer.ts";
import { panelFloats } from "../../constants.ts";
import { stepOf } from "../../layout.ts";
import type { Lowering, PackedConstant } from "../../lowering.ts";

/** Brings trained weights into the order a kernel reads; as `packConstant` does once for weights that stay. */
export function emitPack(ctx: Lowering, constant: PackedConstant, to: Buffer): void {
  const kernel = ctx.value(constant.kernel);
  const bias = constant.bias === null ? 0 : pixel(ctx.value(constant.bias));
  if (constant.kind === "dwconv") {
    const [kh, kw, channels] = constant.shape;
    const taps = kh * kw;
    const groups = Math.ceil(channels / 4);
    const flip = constant.flipped ? 1 : 0;
    ctx.emit(
      "f32-pack-dwconv",
      { a: pixel(kernel), aStep: stepOf(kernel), taps, flip, bias, c: pixel(to), groups },
      taps * groups,
    );
    return;
  }
  const [kh, kw, channels, filters] = constant.shape;
  if (constant.transposed && kh * kw > 1) {
    throw new EngineError({
      where: constant.kernel,
      found: `a gradient through a trained window of ${kh}x${kw}`,
      expected: "1x1: in MobileNets only the first layer has a window, and nothing before it learns",
    });
  }
  const row = stepOf(kernel);
  const k = kh * kw * channels;
  ctx.emit(
    "f32-pack-gemm",
    {
      a: pixel(kernel),
      kStep: constant.transposed ? 4 : row,
      nStep: constant.transposed ? row : 4,
      k,
      n: filters,
      bias,
      c: pixel(to),
      panel: 4 * panelFloats(constant.shape),
      panels: Math.ceil(filters / 8),
    },
    (k * filters) / 2,
  );
}
