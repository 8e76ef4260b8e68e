import assert from "node:assert/strict";
import { test } from "node:test";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { OptionError } from "../errors.ts";
import { coreKernels } from "../kernels/kernel-table.ts";
import { supports } from "../kernels/modules.ts";
import { KERNEL_BITS, STEP_BYTES } from "../kernels/signatures.ts";
import { buildGraph } from "../models/networks.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import { MemoryMap } from "./memory-map.ts";
import { type SimdBits, TileChoice, tileChoice } from "./simd-bits.ts";
import { TiledSteps } from "./tiled-steps.ts";
import { wasm } from "./wasm.ts";

/** A host with a fake clock; it has the milliseconds of a step with either tile. */
class Host {
  now = 0;
  readonly calls: SimdBits[] = [];
  readonly choice = new TileChoice(undefined, () => {
    this.now += this.#tick;
    return this.now;
  });
  readonly #tick: number;
  readonly #ms: (bits: SimdBits, call: number) => number;

  constructor(ms: (bits: SimdBits, call: number) => number, tick = 0.001) {
    this.#ms = ms;
    this.#tick = tick;
  }

  /** Runs for 5 ms each until the choice is final. @returns the number of runs */
  settle(): number {
    let runs = 0;
    for (; !this.choice.settled; runs++) {
      assert.ok(runs < 10_000, "never settled");
      this.now += 5;
      if (!this.choice.isDue()) continue;
      this.choice.time((bits) => {
        this.calls.push(bits);
        this.now += this.#ms(bits, this.calls.length);
      });
    }
    return runs;
  }
}

test("a host that widens is found out, though its wide kernel is slow until it is optimised", () => {
  const host = new Host((bits, call) => (bits === 256 ? (call < 8 ? 3 : 0.07) : 0.1));
  host.settle();
  assert.equal(host.choice.bits, 256);
});

test("a host that does not widen keeps narrow tiles, and is not asked for ever", () => {
  const host = new Host((bits) => (bits === 256 ? 0.15 : 0.1));
  const before = host.settle();
  assert.equal(host.choice.bits, 128);
  assert.ok(before < 400, `${before} runs`);
  // Timing takes a small part: each run takes 5 ms.
  const spent = host.calls.reduce((sum, bits) => sum + (bits === 256 ? 0.15 : 0.1), 0);
  assert.ok(spent < 0.05 * 5 * before, `${spent} ms of ${5 * before}`);
});

test("the first runs are left alone", () => {
  const host = new Host(() => 0.1);
  assert.deepEqual([host.choice.isDue(), host.choice.isDue(), host.choice.isDue()], [false, false, false]);
  assert.equal(host.choice.isDue(), true);
});

test("timing a heavy step is not felt either", () => {
  const host = new Host((bits) => (bits === 256 ? 4.5 : 3));
  const runs = host.settle();
  // Timing adds all calls except one each time.
  const added = host.calls.reduce((sum, bits) => sum + (bits === 256 ? 4.5 : 3), 0) - host.calls.length;
  assert.ok(added < 0.08 * (5 * runs), `${added} ms of ${5 * runs}`);
});

test("a moment's disturbance decides nothing", () => {
  // One narrow call in nine takes ten times as long.
  const host = new Host((bits, call) => (bits === 256 ? 0.4 : call % 9 === 0 ? 4 : 0.4));
  host.settle();
  assert.equal(host.choice.bits, 128);
});

test("times too coarse to tell leave narrow tiles at once", () => {
  const host = new Host(() => 0.1, 1);
  host.settle();
  assert.equal(host.choice.bits, 128);
  assert.deepEqual(host.calls, [128], "the step has run all the same");
});

test("an option and the environment variable force a choice; other values are refused", () => {
  assert.equal(tileChoice("relaxed", 256).bits, 256);
  assert.equal(tileChoice("relaxed", 128).bits, 128);
  assert.equal(tileChoice("relaxed").settled, tileChoice("relaxed", "auto").settled);
  assert.equal(tileChoice("simd", 256).bits, 128, "a module of plain SIMD has no wide tiles");
  assert.throws(() => tileChoice("relaxed", 512 as 256), /^OptionError: simdBits: 512, expected 128, 256 or "auto"/);
  const before = process.env.MOBILENETS_SIMD_BITS;
  try {
    process.env.MOBILENETS_SIMD_BITS = "256";
    assert.equal(tileChoice("relaxed", 128).bits, 256);
    process.env.MOBILENETS_SIMD_BITS = "wide";
    assert.throws(() => tileChoice("relaxed"), OptionError);
  } finally {
    if (before === undefined) delete process.env.MOBILENETS_SIMD_BITS;
    else process.env.MOBILENETS_SIMD_BITS = before;
  }
});

const graph = buildGraph("mobilenet_v2", { alpha: 0.35, inputShape: [96, 96, 3], classes: 10 });

test("a choice that falls while a plan runs changes all of its step lists, and times a step without a trace", () => {
  const plan = compile(optimiseForPacking(randomProgram(graph, 1)).graph, 2);
  const map = new MemoryMap(plan, 2);
  const buffer = new ArrayBuffer(map.bytes);
  const numbers = (worker: number) =>
    plan.steps.map((_, i) => new DataView(buffer).getInt32(map.stepsAt(worker) + i * STEP_BYTES, true));
  const expected = (bits: SimdBits) =>
    plan.steps.map(({ kernel, chunks }) => coreKernels.numberOf(kernel, bits) | (chunks << KERNEL_BITS));
  for (const worker of [0, 1]) {
    expected(128).forEach((word, i) => {
      new DataView(buffer).setInt32(map.stepsAt(worker) + i * STEP_BYTES, word, true);
    });
  }
  const host = new Host(() => 0);
  const ran: string[] = [];
  let alone = -1;
  let last = -1;
  const runner = {
    buffer,
    run: (at: number, count: number) => void ran.push(`${(at - plan.stepsAt) / STEP_BYTES}+${count}`),
    runAlone(at: number) {
      const number = new DataView(buffer).getInt32(at, true) & ((1 << KERNEL_BITS) - 1);
      alone = (at - plan.stepsAt) / STEP_BYTES;
      last = number;
      assert.equal(plan.steps[alone].kernel, "f32-gemm");
      host.now += number === coreKernels.numberOf("f32-gemm", 256) ? 0.2 : 0.4;
    },
  };
  const steps = new TiledSteps(map, coreKernels, host.choice, runner);
  assert.equal(steps.undecided, true);
  for (let run = 0; steps.undecided; run++) {
    assert.ok(run < 1000);
    assert.deepEqual(numbers(0), expected(128));
    ran.length = 0;
    alone = -1;
    host.now += 40;
    steps.run(0, plan.steps.length);
    // Every step runs once, in order; the timed step runs alone, the last time with narrow tiles.
    const all = plan.steps.length;
    assert.deepEqual(ran, alone < 0 ? [`0+${all}`] : [`0+${alone}`, `${alone + 1}+${all - alone - 1}`]);
    if (alone >= 0) assert.equal(last, coreKernels.numberOf("f32-gemm", 128));
  }
  assert.equal(host.choice.bits, 256);
  steps.update();
  assert.deepEqual([numbers(0), numbers(1)], [expected(256), expected(256)]);
  assert.notDeepEqual(expected(256), expected(128));
});

test("runs that choose give what others do, on one thread and on two, and the engine tells", async () => {
  const program = randomProgram(graph, 1);
  const input = randomInput(graph, 3, 2);
  const isa = supports("relaxed") ? "relaxed" : "simd";
  const [expected] = await (await wasm({ isa, threads: 1, simdBits: 128 }).compile(program)).run(input);
  for (const threads of [1, 2]) {
    const engine = wasm({ isa, threads });
    const executable = await engine.compile(program);
    for (let i = 0; i < 20; i++) {
      const [{ data }] = await executable.run(input);
      assert.deepEqual(data, expected.data);
    }
    assert.ok(engine.details?.simdBits === 128 || engine.details?.simdBits === 256);
    executable.dispose();
  }
  assert.deepEqual(wasm({ isa, simdBits: 256 }).details, { simdBits: isa === "simd" ? 128 : 256, settled: true });
});
