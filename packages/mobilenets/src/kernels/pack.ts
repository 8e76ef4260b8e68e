import { advance, get, i32, locals, set, sub } from "./wat.ts";

/** Eight floats a row, from `$k` rows (at least one) `stride` bytes apart at `$p` to rows side by side at `$q`. */
export const copyRows = (stride: string) => `
  (loop $rows
    (v128.store ${get("q")} (v128.load ${get("p")}))
    (v128.store offset=16 ${get("q")} (v128.load offset=16 ${get("p")}))
    ${advance("p", stride)}
    ${advance("q", i32(32))}
    (br_if $rows (local.tee $k ${sub(get("k"), i32(1))})))`;

/**
 * Weights into the panels that `f32-gemm` reads, when a model is loaded: from a matrix of `$rows` rows, `$stride` bytes
 * apart, eight columns a panel, the panels `$panel` bytes apart. Not a step of a plan but a function of the module.
 */
export const pack = () => `
(func (export "pack") (param $from i32) (param $stride i32) (param $rows i32) (param $to i32) (param $panel i32)
  (param $panels i32) ${locals("i32", "p", "q", "k")}
  (loop $each
    ${set("p", get("from"))}
    ${set("q", get("to"))}
    ${set("k", get("rows"))}
    ${copyRows(get("stride"))}
    ${advance("from", i32(32))}
    ${advance("to", get("panel"))}
    (br_if $each (local.tee $panels ${sub(get("panels"), i32(1))}))))`;
