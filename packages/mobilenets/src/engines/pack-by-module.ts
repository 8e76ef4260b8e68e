// Packs weights into panels with the kernel module's own `pack`, which is faster than JavaScript: a user waits for it.
import { biasBytes, f32Dwconv, f32Gemm, tapBytes } from "../kernels/geometry.ts";
import type { Constant } from "../plan/constants.ts";
import type { PackWhole } from "../plan/pack-panels.ts";
import type { Plan } from "../plan/plan.ts";
import type { MemoryMap } from "./memory-map.ts";

/** The kernel module's `pack`; see `kernels/pack.ts`. */
export type Pack = (
  from: number,
  stride: number,
  rows: number,
  to: number,
  panel: number,
  panels: number,
  scale: number,
) => void;

/** Whether the kernel module's `pack` makes these panels: a depthwise kernel's lie as those of a matrix with a row a tap. */
export const packedByModule = (constant: Constant): boolean =>
  constant.kind === "panels" && (constant.geometry === f32Gemm || constant.geometry === f32Dwconv);

/** Bytes from `arenaAt` on that `panelPacker` needs at least: a row of the widest kernel, and its scales. */
export const packingRoom = ({ constants }: Plan) =>
  Math.max(0, ...constants.map((c) => (c.kind === "panels" && packedByModule(c) ? c.shape[3] * (NUMBER + SCALE) : 0)));

/** Bytes of a weight, and of a scale, as `pack` reads them. */
const NUMBER = Float32Array.BYTES_PER_ELEMENT;
const SCALE = Float64Array.BYTES_PER_ELEMENT;

/** Floats packed at a time: they stay in the L2 cache. */
const PACKED_AT_ONCE = 16 * 1024;

/** Packs panels with the kernel module in the arena, which is not in use yet. */
export function panelPacker({ plan: { arenaAt }, bytes }: MemoryMap, buffer: ArrayBufferLike, pack: Pack): PackWhole {
  return ({ data, scales }, columns, out, panel) => {
    const rowsAt = scales ? arenaAt + scales.byteLength : arenaAt;
    const room = Math.min(PACKED_AT_ONCE, (bytes - rowsAt) / NUMBER);
    const rows = Math.max(1, Math.floor(room / columns));
    if (scales) new Float64Array(buffer, arenaAt, scales.length).set(scales);
    for (let row = 0; row * columns < data.length; row += rows) {
      const some = data.subarray(row * columns, (row + rows) * columns);
      new Float32Array(buffer, rowsAt, some.length).set(some);
      const to = out.byteOffset + biasBytes(f32Gemm) + row * tapBytes(f32Gemm);
      const panels = Math.floor(columns / f32Gemm.nr);
      pack(rowsAt, NUMBER * columns, some.length / columns, to, panel, panels, scales ? arenaAt : 0);
    }
  };
}
