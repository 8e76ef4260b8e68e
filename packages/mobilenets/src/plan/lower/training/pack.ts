import { EngineError } from "../../../errors.ts";
import { f32Dwconv, panelBytes, panelsOf, VECTOR_BYTES } from "../../../kernels/geometry.ts";
import { type Buffer, pixel } from "../../buffer.ts";
import { inVectors, stepOf } from "../../layout.ts";
import type { Lowering } from "../../lowering.ts";
import type { PackedWeights } from "../../pack-panels.ts";

/** Emits steps that pack trained weights into a kernel's order. `packConstant` packs constant weights once. */
export function emitPack(ctx: Lowering, constant: PackedWeights, to: Buffer): void {
  const kernel = ctx.value(constant.kernel);
  const bias = constant.bias === null ? 0 : pixel(ctx.value(constant.bias));
  const { geometry, turned } = constant;
  const [kh, kw, channels, columns] = constant.shape;
  if (geometry.kernel === f32Dwconv.kernel) {
    const taps = kh * kw;
    const groups = (inVectors(columns, kernel.element) * kernel.element) / VECTOR_BYTES;
    const flip = turned ? 1 : 0;
    ctx.emit(
      "f32-pack-dwconv",
      { a: pixel(kernel), aStep: stepOf(kernel), taps, flip, bias, c: pixel(to), groups },
      taps * groups,
    );
    return;
  }
  if (turned && kh * kw > 1) {
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
      kStep: turned ? kernel.element : row,
      nStep: turned ? row : kernel.element,
      k,
      n: columns,
      bias,
      c: pixel(to),
      panel: panelBytes(geometry, constant.shape),
      panels: panelsOf(geometry, columns),
    },
    (k * columns) / 2,
  );
}
