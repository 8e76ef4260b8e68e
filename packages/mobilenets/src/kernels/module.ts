import { copies } from "./copy.ts";
import { depthwise } from "./dwconv.ts";
import { elementwise } from "./elementwise.ts";
import { exponential } from "./exponential.ts";
import { gemm } from "./gemm.ts";
import { reduce } from "./reduce.ts";
import { kernelNames, STEP_BYTES } from "./signatures.ts";
import { add, advance, get, type Isa, i32, locals, mul, set, whileBelow } from "./wat.ts";

/** Turns of the barrier's loop before a thread sleeps; about as long as a small layer takes. */
const SPINS = 20000;

/**
 * Walks a plan's step list: calls each step's kernel through the table. All threads run the same list, each its share
 * of every step, and meet between steps.
 */
const run = `
(func (export "run") (param $steps i32) (param $count i32) (param $thread i32) (param $threads i32) (param $sync i32)
  ${locals("i32", "i", "s")}
  ${whileBelow(
    "i",
    get("count"),
    `${set("s", add(get("steps"), mul(get("i"), i32(STEP_BYTES))))}
    (call_indirect (type $kernel) ${get("s")} ${get("thread")} ${get("threads")} (i32.load ${get("s")}))
    (if (i32.gt_u ${get("threads")} ${i32(1)}) (then (call $barrier ${get("sync")} ${get("thread")} ${get("threads")})))
    ${advance("i", i32(1))}`,
  )})`;

/**
 * Two words at `$sync`: threads arrived, and a generation that the last to arrive raises. Threads spin first, since
 * a step takes microseconds; then all but thread 0 sleep (a page's main thread may not).
 */
const barrier = `
(func $barrier (param $sync i32) (param $thread i32) (param $threads i32)
  ${locals("i32", "generation", "spins")}
  ${set("generation", `(i32.atomic.load offset=4 ${get("sync")})`)}
  (if (i32.eq (i32.atomic.rmw.add ${get("sync")} ${i32(1)}) (i32.sub ${get("threads")} ${i32(1)}))
    (then
      (i32.atomic.store ${get("sync")} ${i32(0)})
      (i32.atomic.store offset=4 ${get("sync")} ${add(get("generation"), i32(1))})
      (drop (memory.atomic.notify offset=4 ${get("sync")} ${get("threads")})))
    (else
      (loop $waiting
        (if (i32.eq (i32.atomic.load offset=4 ${get("sync")}) ${get("generation")}) (then
          ${advance("spins", i32(1))}
          (if (i32.and (i32.gt_u ${get("spins")} ${i32(SPINS)}) (i32.ne ${get("thread")} ${i32(0)}))
            (then (drop (memory.atomic.wait32 offset=4 ${get("sync")} ${get("generation")} (i64.const -1)))))
          (br $waiting)))))))`;

/** The whole module as WebAssembly text. Memory is imported, so that the host decides its size and sharing. */
export function moduleText(isa: Isa): string {
  return `(module
  (type $kernel (func (param i32 i32 i32)))
  (import "env" "memory" (memory 1 65536))
  (table funcref (elem ${kernelNames.map((name) => `$${name}`).join(" ")}))
  ${run} ${barrier}
  ${gemm(isa)} ${depthwise(isa)} ${elementwise(isa)} ${reduce()} ${exponential(isa)} ${copies()})`;
}
