import { func, params } from "./func.ts";
import {
  add,
  atomic,
  block,
  br,
  br_if,
  call,
  callByNumber,
  callFor,
  code,
  drop,
  get,
  i32,
  i64,
  leave,
  loop,
  memory,
  mul,
  select,
  set,
  sub,
  when,
} from "./instructions.ts";
import { ABORTED, BINDING_BYTES, CLAIM, DONE, KERNEL_BITS, PICTURES, STEP_BYTES, WORKERS } from "./signatures.ts";
import { advance, whileBelow } from "./wat.ts";

/** Turns that a thread spins before it does something else: some tens of microseconds, the time of a medium layer. */
const SPINS = 20_000;
/** Turns after which a waiting helper sleeps: about a millisecond. */
const HELPER_PATIENCE = 2 ** 18;
/** Turns after which an owner that may not sleep gives up the run: some ten seconds. */
const OWNER_PATIENCE = 2 ** 30;
/** Duration of one sleep of a waiting thread, in nanoseconds. */
const NAP = 100_000;

/** Results of `$claim` that are no chunk. */
const NONE_LEFT = -1;
const OVER = -2;

const eachStep = (body: string) =>
  whileBelow(
    "i",
    get("count"),
    set("s", add(get("steps"), mul(get("i"), i32(STEP_BYTES)))),
    body,
    advance("i", i32(1)),
  );

/** Calls the kernel of the step at `$s`, by its number. */
const callKernel = (chunk: string, chunks: string) =>
  callByNumber("kernel", i32.and(i32.load(get("s")), i32((1 << KERNEL_BITS) - 1)), get("s"), chunk, chunks);

/** Runs a plan on one thread: every step whole. */
const run = func(
  { name: "run", exported: "run", params: params("i32", "steps", "count") },
  eachStep(callKernel(i32(0), i32(1))),
);

/** Prepares a step list for a run on several threads: no chunk is claimed or done. */
const prepare = func(
  { exported: "prepare", params: params("i32", "steps", "count", "epoch") },
  eachStep(
    code(atomic.store(get("s"), i32(0), CLAIM + 4), atomic.store(get("s"), i32.shl(get("epoch"), i32(16)), CLAIM)),
  ),
);

const bit = (i: string) => i32.shl(i32(1), i);
/** The first chunk of a thread's own range. */
const firstOf = (rank: string) => i32.div_u(mul(rank, get("chunks")), get("threads"));

/**
 * Claims a chunk of the work at `$p`. The upper half of that word is the run's epoch, its lower half has a bit for each
 * claimed chunk, and the next word counts the chunks done. A thread first takes the chunks of its own range in order: they
 * are adjacent, and close to those it computed in the step before, so its caches have them. Then it takes chunks of
 * others, from the far end.
 * @returns the chunk; `NONE_LEFT` if all are claimed; `OVER` if this thread's run is over
 */
const claim = func(
  { name: "claim", params: params("i32", "p", "epoch", "chunks", "rank", "threads"), result: "i32" },
  loop(
    "again",
    set("v", atomic.load(get("p"))),
    when(i32.ne(i32.shr_u(get("v"), i32(16)), get("epoch")), leave(i32(OVER))),
    set("free", i32.and(i32.xor(get("v"), i32(-1)), sub(bit(get("chunks")), i32(1)))),
    when(i32.eqz(get("free")), leave(i32(NONE_LEFT))),
    set("own", i32.and(get("free"), sub(bit(firstOf(add(get("rank"), i32(1)))), bit(firstOf(get("rank")))))),
    set("chunk", select(i32.ctz(get("own")), sub(i32(31), i32.clz(get("free"))), get("own"))),
    br_if("again", i32.ne(atomic.cmpxchg(get("p"), get("v"), i32.or(get("v"), bit(get("chunk")))), get("v"))),
  ),
  get("chunk"),
);

const nap = drop(atomic.wait32(get("p"), get("done"), i64(NAP), 4));

/**
 * Waits until all chunks of the work at `$p` are done, or the run is over.
 * @returns 0, or 1 if this thread must leave the run
 */
const wait = func(
  { name: "wait", params: params("i32", "p", "epoch", "chunks", "sync", "block", "rank"), result: "i32" },
  loop(
    "again",
    set("done", atomic.load(get("p"), 4)),
    when(
      i32.ne(get("done"), get("chunks")),
      code(
        when(i32.ne(i32.shr_u(atomic.load(get("p")), i32(16)), get("epoch")), leave(i32(1))),
        when(atomic.load(get("sync"), ABORTED), leave(i32(1))),
        set("spins", add(get("spins"), i32(1))),
        when(
          i32.gt_u(get("spins"), i32(SPINS)),
          when(
            get("rank"),
            when(i32.gt_u(get("spins"), i32(HELPER_PATIENCE)), nap),
            when(
              get("block"),
              nap,
              when(i32.gt_u(get("spins"), i32(OWNER_PATIENCE)), atomic.store(get("sync"), i32(1), ABORTED)),
            ),
          ),
        ),
        br("again"),
      ),
    ),
  ),
  i32(0),
);

/** Runs `body` for each chunk of the work at `$p` that this thread can claim; then waits for the others. */
const share = (p: string, chunks: string, body: string) =>
  code(
    block(
      "shared",
      loop(
        "next",
        set("chunk", callFor("i32", "claim", p, get("epoch"), chunks, get("rank"), get("threads"))),
        when(i32.eq(get("chunk"), i32(OVER)), leave(i32(1))),
        br_if("shared", i32.eq(get("chunk"), i32(NONE_LEFT))),
        body,
        drop(atomic.add(p, i32(1), DONE - CLAIM)),
        br("next"),
      ),
    ),
    when(callFor("i32", "wait", p, get("epoch"), chunks, get("sync"), get("block"), get("rank")), leave(i32(1))),
  );

/** Thread `$rank` of `$threads`; 0 is the owner of the run, which waits for its end. */
const team = params("i32", "epoch", "sync", "block", "rank", "threads");

/**
 * Computes one picture with several threads. Each thread claims chunks of a step, and none continues before all are done.
 * A thread that the system has suspended delays the others only if it holds a chunk.
 * @returns 0, or 1 if this thread left early, which is a failure for the owner
 */
const work = func(
  { exported: "work", params: [...params("i32", "steps", "count"), ...team], result: "i32" },
  eachStep(
    code(
      set("chunks", i32.shr_u(i32.load(get("s")), i32(KERNEL_BITS))),
      set("p", add(get("s"), i32(CLAIM))),
      share(get("p"), get("chunks"), callKernel(get("chunk"), get("chunks"))),
    ),
  ),
  i32(0),
);

const workersWord = (word: (typeof WORKERS)[number]) => i32.load(get("at"), 4 * WORKERS.indexOf(word));
const binding = (offset: number) => i32.load(get("binding"), offset);
const inArena = add(binding(0), get("shift"));
const inEntry = add(binding(8), get("entry"));

/**
 * Computes several pictures. A thread claims a picture, copies it from its entry into the thread's own arena, runs it
 * there, and copies the results back. `$at` is the address of the words of `WORKERS`. Threads beyond the workers leave.
 */
const pictures = func(
  { exported: "pictures", params: [...params("i32", "at", "pictures"), ...team], result: "i32" },
  when(i32.ge_u(get("rank"), workersWord("workers")), leave(i32(0))),
  set("shift", mul(get("rank"), workersWord("arenaBytes"))),
  set("p", add(get("sync"), i32(PICTURES))),
  share(
    get("p"),
    get("pictures"),
    code(
      set("entry", add(workersWord("entries"), mul(get("chunk"), workersWord("entryBytes")))),
      set("binding", add(get("at"), i32(4 * WORKERS.length))),
      memory.copy(inArena, inEntry, binding(4)),
      call(
        "run",
        select(
          add(workersWord("others"), mul(sub(get("rank"), i32(1)), workersWord("listBytes"))),
          workersWord("first"),
          get("rank"),
        ),
        workersWord("count"),
      ),
      set("binding", add(get("binding"), i32(BINDING_BYTES))),
      whileBelow(
        "binding",
        workersWord("end"),
        memory.copy(inEntry, inArena, binding(4)),
        set("binding", add(get("binding"), i32(BINDING_BYTES))),
      ),
    ),
  ),
  i32(0),
);

/** The functions that walk step lists. */
export const schedule = () => [run, prepare, claim, wait, work, pictures].join("\n");
