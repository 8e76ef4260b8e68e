import wabt from "wabt";
import { func, params } from "../../packages/mobilenets/src/kernels/func.ts";
import { code, f32x4, get, set, times } from "../../packages/mobilenets/src/kernels/instructions.ts";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import { countdown, fma, type Isa, storeVectors } from "../../packages/mobilenets/src/kernels/wat.ts";

/** Accumulators that hide the latency of the arithmetic and fit into 16 registers with two operands. */
const ACCUMULATORS = 12;
const TURNS = 200_000;
const UNROLL = 2;
/** One instruction (or pair) multiplies and adds 4 lanes. */
const FLOPS = 2 * 4 * ACCUMULATORS * UNROLL * TURNS;

/**
 * A loop that only multiplies and adds in registers: the upper bound of kernels.
 * @param vectors 2 for accumulators in pairs, stored side by side, which V8 fuses into 256 bits with the flag
 */
function loop(isa: Isa, vectors: 1 | 2): string {
  const names = Array.from({ length: ACCUMULATORS * vectors }, (_, i) => `a${i}`);
  // a = a * y + x: every part changes in each turn, so that none can be moved out of the loop.
  const step = code(names.map((name) => set(name, fma(isa, get(name), get("y"), get("x")))));
  const run = func(
    { exported: "run", params: params("i32", "n"), zeros: params("i32", "to") },
    set("x", f32x4(0.5)),
    set("y", f32x4(0.25)),
    countdown(
      "again",
      "n",
      1,
      times(UNROLL, () => step),
    ),
    storeVectors("to", names.map(get)),
  );
  return `(module (memory 1) ${run})`;
}

/**
 * Returns a function that measures the processor's current peak with an instruction set: the better of the fused and the
 * separate multiply-add, of 128 bits or of 256 if V8 fuses them, in floating-point operations per millisecond.
 */
export async function peakOf(isa: Isa): Promise<() => number> {
  const assembler = await wabt();
  const loops: { readonly run: (n: number) => void; readonly vectors: number }[] = [];
  for (const kind of ["simd", "relaxed"] satisfies Isa[]) {
    if (kind === "relaxed" && (isa === "simd" || !(await supports("relaxed")))) continue;
    for (const vectors of [1, 2] as const) {
      const module = assembler.parseWat("peak.wat", loop(kind, vectors), { simd: true, relaxed_simd: true });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBinary({}).buffer.slice()));
      loops.push({ run: exports.run as (n: number) => void, vectors });
    }
  }
  return () => Math.max(...loops.map(({ run, vectors }) => (vectors * FLOPS) / bestTime(() => run(TURNS), 60)));
}

/** The shortest of `samples` times, in milliseconds: other work of the machine only adds. */
export function bestTime(act: () => void, samples: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < samples; i++) {
    const start = performance.now();
    act();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
