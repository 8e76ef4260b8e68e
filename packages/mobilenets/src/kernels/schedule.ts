import { ABORTED, BINDING_BYTES, CLAIM, DONE, KERNEL_BITS, PICTURES, STEP_BYTES, WORKERS } from "./signatures.ts";
import { add, get, i32, locals, mul, set, sub, whileBelow } from "./wat.ts";

/** Turns a thread spins before it does something else: some tens of microseconds, the time of a middling layer. */
const SPINS = 20_000;
/** Turns after which a helper, too, sleeps while it waits: about a millisecond. */
const HELPER_PATIENCE = 2 ** 18;
/** Turns after which the owner, where it may not sleep, gives the run up: some ten seconds. */
const OWNER_PATIENCE = 2 ** 30;
/** How long a thread sleeps at a time while it waits, in nanoseconds. */
const NAP = 100_000;

/** Answers of `$claim` that are no chunk. */
const NONE_LEFT = -1;
const OVER = -2;

const eachStep = (body: string) =>
  whileBelow(
    "i",
    get("count"),
    `${set("s", add(get("steps"), mul(get("i"), i32(STEP_BYTES))))} ${body} ${set("i", add(get("i"), i32(1)))}`,
  );

const call = (chunk: string, chunks: string) => `
  (call_indirect (type $kernel) ${get("s")} ${chunk} ${chunks}
    (i32.and (i32.load ${get("s")}) ${i32((1 << KERNEL_BITS) - 1)}))`;

/** A plan by one thread: every step whole. */
const run = `
(func $run (export "run") (param $steps i32) (param $count i32) ${locals("i32", "i", "s")}
  ${eachStep(call(i32(0), i32(1)))})`;

/** Makes a step list ready for a run by several threads: no chunk claimed, none done. */
const prepare = `
(func (export "prepare") (param $steps i32) (param $count i32) (param $epoch i32) ${locals("i32", "i", "s")}
  ${eachStep(`
    (i32.atomic.store offset=${CLAIM + 4} ${get("s")} ${i32(0)})
    (i32.atomic.store offset=${CLAIM} ${get("s")} (i32.shl ${get("epoch")} ${i32(16)}))`)})`;

const bit = (i: string) => `(i32.shl ${i32(1)} ${i})`;
/** The first chunk of a thread's own range. */
const firstOf = (rank: string) => `(i32.div_u ${mul(rank, get("chunks"))} ${get("threads")})`;

/**
 * Takes a chunk of the work at `$p`: a word with the run's epoch in its upper half and a bit for each claimed chunk in its
 * lower, then a word that counts the chunks done. A thread takes those of its own range first, in order: they lie next to
 * each other, and where it worked in the step before, so that its caches have them. Then it helps the others out, from
 * the far end.
 * @returns the chunk; ${NONE_LEFT} if all are taken; ${OVER} if the run this thread works at is over
 */
const claim = `
(func $claim (param $p i32) (param $epoch i32) (param $chunks i32) (param $rank i32) (param $threads i32) (result i32)
  ${locals("i32", "v", "free", "own", "chunk")}
  (loop $again
    ${set("v", `(i32.atomic.load ${get("p")})`)}
    (if (i32.ne (i32.shr_u ${get("v")} ${i32(16)}) ${get("epoch")}) (then (return ${i32(OVER)})))
    ${set("free", `(i32.and (i32.xor ${get("v")} ${i32(-1)}) ${sub(bit(get("chunks")), i32(1))})`)}
    (if (i32.eqz ${get("free")}) (then (return ${i32(NONE_LEFT)})))
    ${set("own", `(i32.and ${get("free")} ${sub(bit(firstOf(add(get("rank"), i32(1)))), bit(firstOf(get("rank"))))})`)}
    ${set("chunk", `(select (i32.ctz ${get("own")}) ${sub(i32(31), `(i32.clz ${get("free")})`)} ${get("own")})`)}
    (br_if $again
      (i32.ne
        (i32.atomic.rmw.cmpxchg ${get("p")} ${get("v")} (i32.or ${get("v")} ${bit(get("chunk"))}))
        ${get("v")})))
  ${get("chunk")})`;

const nap = `(drop (memory.atomic.wait32 offset=4 ${get("p")} ${get("done")} (i64.const ${NAP})))`;

/**
 * Holds a thread until all chunks of the work at `$p` are done, or the run is over.
 * @returns 0, or 1 if this thread is to leave the run
 */
const wait = `
(func $wait (param $p i32) (param $epoch i32) (param $chunks i32) (param $sync i32) (param $block i32) (param $rank i32)
  (result i32) ${locals("i32", "done", "spins")}
  (loop $again
    ${set("done", `(i32.atomic.load offset=4 ${get("p")})`)}
    (if (i32.ne ${get("done")} ${get("chunks")}) (then
      (if (i32.ne (i32.shr_u (i32.atomic.load ${get("p")}) ${i32(16)}) ${get("epoch")}) (then (return ${i32(1)})))
      (if (i32.atomic.load offset=${ABORTED} ${get("sync")}) (then (return ${i32(1)})))
      ${set("spins", add(get("spins"), i32(1)))}
      (if (i32.gt_u ${get("spins")} ${i32(SPINS)}) (then
        (if ${get("rank")}
          (then (if (i32.gt_u ${get("spins")} ${i32(HELPER_PATIENCE)}) (then ${nap})))
          (else (if ${get("block")}
            (then ${nap})
            (else (if (i32.gt_u ${get("spins")} ${i32(OWNER_PATIENCE)}) (then
              (i32.atomic.store offset=${ABORTED} ${get("sync")} ${i32(1)})))))))))
      (br $again))))
  ${i32(0)})`;

/** Chunks of the work at `$p` as long as there are any, `body` for each; then waits for the others. */
const share = (p: string, chunks: string, body: string) => `
  (block $shared (loop $next
    ${set("chunk", `(call $claim ${p} ${get("epoch")} ${chunks} ${get("rank")} ${get("threads")})`)}
    (if (i32.eq ${get("chunk")} ${i32(OVER)}) (then (return ${i32(1)})))
    (br_if $shared (i32.eq ${get("chunk")} ${i32(NONE_LEFT)}))
    ${body}
    (drop (i32.atomic.rmw.add offset=${DONE - CLAIM} ${p} ${i32(1)}))
    (br $next)))
  (if (call $wait ${p} ${get("epoch")} ${chunks} ${get("sync")} ${get("block")} ${get("rank")})
    (then (return ${i32(1)})))`;

/** Thread `$rank` of `$threads`; 0 is the owner of the run, which waits for its end. */
const team =
  "(param $epoch i32) (param $sync i32) (param $block i32) (param $rank i32) (param $threads i32) (result i32)";

/**
 * One picture by several threads: each step's chunks go to whoever comes for them, and nobody goes on before all are
 * done. A thread that the system has put aside is waited for only if it holds a chunk.
 * @returns 0, or 1 if this thread left early: for the owner, a failure
 */
const work = `
(func (export "work") (param $steps i32) (param $count i32) ${team} ${locals("i32", "i", "s", "chunks", "chunk", "p")}
  ${eachStep(`
    ${set("chunks", `(i32.shr_u (i32.load ${get("s")}) ${i32(KERNEL_BITS)})`)}
    ${set("p", add(get("s"), i32(CLAIM)))}
    ${share(get("p"), get("chunks"), call(get("chunk"), get("chunks")))}`)}
  ${i32(0)})`;

const workersWord = (word: (typeof WORKERS)[number]) => `(i32.load offset=${4 * WORKERS.indexOf(word)} ${get("at")})`;
const binding = (offset: number) => `(i32.load offset=${offset} ${get("binding")})`;
const inArena = add(binding(0), get("shift"));
const inEntry = add(binding(8), get("entry"));

/**
 * Several pictures, each by whoever comes for it: carried from its entry into the thread's own arena, run there, and its
 * results carried back. `$at` is the address of the words of `WORKERS`. A thread that is none of the workers leaves.
 */
const pictures = `
(func (export "pictures") (param $at i32) (param $pictures i32) ${team}
  ${locals("i32", "chunk", "p", "entry", "shift", "binding")}
  (if (i32.ge_u ${get("rank")} ${workersWord("workers")}) (then (return ${i32(0)})))
  ${set("shift", mul(get("rank"), workersWord("arenaBytes")))}
  ${set("p", add(get("sync"), i32(PICTURES)))}
  ${share(
    get("p"),
    get("pictures"),
    `${set("entry", add(workersWord("entries"), mul(get("chunk"), workersWord("entryBytes"))))}
    ${set("binding", add(get("at"), i32(4 * WORKERS.length)))}
    (memory.copy ${inArena} ${inEntry} ${binding(4)})
    (call $run
      (select
        (i32.add ${workersWord("others")} ${mul(sub(get("rank"), i32(1)), workersWord("listBytes"))})
        ${workersWord("first")}
        ${get("rank")})
      ${workersWord("count")})
    ${set("binding", add(get("binding"), i32(BINDING_BYTES)))}
    ${whileBelow(
      "binding",
      workersWord("end"),
      `(memory.copy ${inEntry} ${inArena} ${binding(4)}) ${set("binding", add(get("binding"), i32(BINDING_BYTES)))}`,
    )}`,
  )}
  ${i32(0)})`;

/** The functions that walk step lists. */
export const schedule = () => [run, prepare, claim, wait, work, pictures].join("\n");
