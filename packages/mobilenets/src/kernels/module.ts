import { copies } from "./copy.ts";
import { depthwise } from "./dwconv.ts";
import { elementwise } from "./elementwise.ts";
import { exponential } from "./exponential.ts";
import { gemm } from "./gemm.ts";
import { reduce } from "./reduce.ts";
import { kernelNames, NO_BARRIER, STEP_BYTES, SYNC } from "./signatures.ts";
import { add, advance, get, type Isa, i32, locals, mul, poolData, set, whileBelow } from "./wat.ts";

/** Turns of the barrier's loop before a thread sleeps; about as long as a small layer takes. */
const SPINS = 20000;
/** Turns after which a thread that may not sleep gives up on the others: some ten seconds. */
const PATIENCE = 2 ** 30;

/**
 * Walks a plan's step list: calls each step's kernel through the table. All threads run the same list, each its share
 * of every step, and meet between steps.
 * @returns 0, or 1 if the run was given up because a thread failed
 */
const run = `
(func (export "run")
  (param $steps i32) (param $count i32) (param $thread i32) (param $threads i32) (param $sync i32) (param $block i32)
  (result i32)
  ${locals("i32", "i", "s", "word")}
  ${whileBelow(
    "i",
    get("count"),
    `${set("s", add(get("steps"), mul(get("i"), i32(STEP_BYTES))))}
    ${set("word", `(i32.load ${get("s")})`)}
    (call_indirect (type $kernel) ${get("s")} ${get("thread")} ${get("threads")}
      (i32.and ${get("word")} ${i32(NO_BARRIER - 1)}))
    (if (i32.and
        (i32.gt_u ${get("threads")} ${i32(1)})
        (i32.eqz (i32.and ${get("word")} ${i32(NO_BARRIER)})))
      (then (if (call $barrier ${get("sync")} ${get("threads")} ${get("block")}) (then (return ${i32(1)})))))
    ${advance("i", i32(1))}`,
  )}
  ${i32(0)})`;

const word = (name: keyof typeof SYNC) => `offset=${SYNC[name]} ${get("sync")}`;

/**
 * Holds threads until all have arrived; the last one raises the generation. Threads spin first, since a step takes
 * microseconds, then sleep if `$block` (a page's main thread may not).
 * @returns 0, or 1 once the run is given up
 */
const barrier = `
(func $barrier (export "barrier") (param $sync i32) (param $threads i32) (param $block i32) (result i32)
  ${locals("i32", "generation", "spins")}
  ${set("generation", `(i32.atomic.load ${word("generation")})`)}
  (if (i32.eq (i32.atomic.rmw.add ${word("arrived")} ${i32(1)}) (i32.sub ${get("threads")} ${i32(1)}))
    (then
      (i32.atomic.store ${word("arrived")} ${i32(0)})
      (i32.atomic.store ${word("generation")} ${add(get("generation"), i32(1))})
      (drop (memory.atomic.notify ${word("generation")} ${get("threads")})))
    (else
      (loop $waiting
        (if (i32.eq (i32.atomic.load ${word("generation")}) ${get("generation")}) (then
          (if (i32.atomic.load ${word("aborted")}) (then (return ${i32(1)})))
          ${advance("spins", i32(1))}
          (if (i32.gt_u ${get("spins")} ${i32(SPINS)}) (then
            (if ${get("block")}
              (then (drop (memory.atomic.wait32 ${word("generation")} ${get("generation")} (i64.const 1000000000))))
              (else (if (i32.gt_u ${get("spins")} ${i32(PATIENCE)}) (then
                (i32.atomic.store ${word("aborted")} ${i32(1)})))))))
          (br $waiting))))))
  (i32.atomic.load ${word("aborted")}))`;

/** The whole module as WebAssembly text. Memory is imported, so that the host decides its size and sharing. */
export function moduleText(isa: Isa): string {
  return `(module
  (type $kernel (func (param i32 i32 i32)))
  (import "env" "memory" (memory 1 65536))
  (table funcref (elem ${kernelNames.map((name) => `$${name}`).join(" ")}))
  ${poolData}
  ${run} ${barrier}
  ${gemm(isa)} ${depthwise(isa)} ${elementwise(isa)} ${reduce()} ${exponential(isa)} ${copies()})`;
}
