import wabt from "wabt";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import { f32x4, fma, get, type Isa, i32, locals, set, sub, times } from "../../packages/mobilenets/src/kernels/wat.ts";

/** As many as hide the latency of the arithmetic and still fit into 16 registers with two operands. */
const ACCUMULATORS = 12;
const TURNS = 200_000;
const UNROLL = 2;
/** One instruction (or pair) multiplies and adds 4 lanes. */
const FLOPS = 2 * 4 * ACCUMULATORS * UNROLL * TURNS;

/** A loop that only multiplies and adds, in registers: what no kernel can exceed. */
function loop(isa: Isa): string {
  const names = Array.from({ length: ACCUMULATORS }, (_, i) => `a${i}`);
  // a = a * y + x: no part of it stays the same from turn to turn, so that none can be moved out of the loop.
  const step = names.map((name) => set(name, fma(isa, get(name), get("y"), get("x")))).join("\n");
  const sum = names.reduce((total, name) => `(f32x4.add ${total} ${get(name)})`, get("x"));
  return `(module (func (export "run") (param $n i32) (result f32)
    ${locals("v128", "x", "y", ...names)}
    ${set("x", f32x4(0.5))} ${set("y", f32x4(0.25))}
    (loop $again
      ${times(UNROLL, () => step)}
      (br_if $again (local.tee $n ${sub(get("n"), i32(1))})))
    (f32x4.extract_lane 0 ${sum})))`;
}

/**
 * A function that measures, now, what this processor can do with an instruction set: the better of the fused and the
 * separate multiply-add, in floating-point operations (a multiply or an add) per millisecond.
 */
export async function peakOf(isa: Isa): Promise<() => number> {
  const assembler = await wabt();
  const loops: ((n: number) => number)[] = [];
  for (const kind of ["simd", "relaxed"] satisfies Isa[]) {
    if (kind === "relaxed" && (isa === "simd" || !(await supports("relaxed")))) continue;
    const module = assembler.parseWat("peak.wat", loop(kind), { simd: true, relaxed_simd: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBinary({}).buffer.slice()));
    loops.push(exports.run as (n: number) => number);
  }
  return () => FLOPS / Math.min(...loops.map((run) => bestTime(() => run(TURNS), 60)));
}

/** The shortest of `samples` times, in milliseconds: whatever else the machine does only ever adds. */
export function bestTime(act: () => void, samples: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < samples; i++) {
    const start = performance.now();
    act();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
