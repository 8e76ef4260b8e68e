import { canBlock, yieldToHost } from "#worker";
import { EngineError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { shapesOf } from "../graph/summary.ts";
import { PICTURES } from "../kernels/signatures.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Executable, RunOptions } from "./engine.ts";
import type { Slot, ThreadPool } from "./threads/pool.ts";
import { type MemoryMap, readMap, writeMap } from "./wasm-memory.ts";

/** The kernel module's functions; see `kernels/schedule.ts`. */
interface Exports {
  run(steps: number, count: number): void;
  prepare(steps: number, count: number, epoch: number): void;
  work(steps: number, count: number, ...crew: Crew): number;
  pictures(first: number, others: number, stride: number, count: number, pictures: number, ...crew: Crew): number;
}

type Crew = [epoch: number, sync: number, block: number, owner: 1];

/** Where threads meet; the first bytes of linear memory are kept free for it. */
const SYNC_AT = 64;

/** After so many milliseconds of work the host gets a chance to handle events. */
const PATIENCE = 50;

interface Live {
  readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
}

/** A plan in its linear memory, run by this thread alone or with a pool's workers. */
export class WasmExecutable implements Executable {
  readonly #graph: Graph;
  readonly #shapes: readonly Shape[];
  readonly #map: MemoryMap;
  readonly #helpers: { readonly pool: ThreadPool; readonly slot: Slot } | null;
  /** Null once disposed: the linear memory is free when neither it nor the instance can be reached. */
  #live: Live | null;

  /** @param graph as the caller asked for it: names and shapes of the outputs are taken from here */
  constructor(
    graph: Graph,
    map: MemoryMap,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    helpers: { pool: ThreadPool; slot: Slot } | null,
  ) {
    this.#graph = graph;
    const shapes = shapesOf(graph);
    this.#shapes = graph.outputs.map((name) => shapes.get(name) as Shape);
    this.#map = map;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#live = { memory, exports: exports as unknown as Exports };
    this.#helpers = helpers;
  }

  async run(input: Tensor, { signal }: RunOptions = {}): Promise<Tensor[]> {
    checkInput(this.#graph, input);
    const batch = input.shape[0] / this.#graph.input.shape[0];
    // A graph for training has its batch in its own shapes, and results that are sums over it.
    const results = this.#shapes.map(([n, ...item]) => tensor([batch * n, ...item]));
    let yielded = performance.now();
    for (let n = 0; n < batch; ) {
      signal?.throwIfAborted();
      await this.#helpers?.pool.ready();
      n += this.#some(input, n, results);
      if (n < batch && performance.now() - yielded > PATIENCE) {
        await yieldToHost();
        yielded = performance.now();
      }
    }
    return results;
  }

  /** Runs the next pictures from `n` on: one per thread if there are enough, else one by all; returns how many. */
  #some(input: Tensor, n: number, results: readonly Tensor[]): number {
    if (!this.#live) throw new EngineError({ where: this.#graph.name, found: "a call after dispose()" });
    const { buffer } = this.#live.memory;
    const { plan, pictures } = this.#map;
    const batch = input.shape[0] / this.#graph.input.shape[0];
    const count = this.#helpers && batch - n >= pictures ? pictures : 1;
    const size = input.data.length / batch;
    for (let i = 0; i < count; i++) {
      writeMap(plan.input, input.data.subarray((n + i) * size, (n + i + 1) * size), buffer, this.#map.shift(i));
    }
    this.#execute(this.#live, count);
    plan.outputs.forEach((output, o) => {
      const { data, shape } = results[o];
      const length = sizeOf(shape) / batch;
      for (let i = 0; i < count; i++) {
        readMap(output, buffer, data.subarray((n + i) * length, (n + i + 1) * length), this.#map.shift(i));
      }
    });
    return count;
  }

  #execute({ memory, exports }: Live, count: number): void {
    const { plan } = this.#map;
    const steps = plan.steps.length;
    if (!this.#helpers) {
      exports.run(plan.stepsAt, steps);
      return;
    }
    const { pool, slot } = this.#helpers;
    const epoch = pool.nextEpoch();
    const crew: Crew = [epoch, SYNC_AT, canBlock() ? 1 : 0, 1];
    const job = { slot: slot.number, steps: plan.stepsAt, count: steps, sync: SYNC_AT, epoch };
    let left: number;
    if (count > 1) {
      const others = this.#map.stepsAt(1);
      const stride = this.#map.stepsAt(2) - others;
      const words = new Int32Array(memory.buffer, SYNC_AT + PICTURES, 2);
      Atomics.store(words, 1, 0);
      Atomics.store(words, 0, epoch << 16);
      pool.start({ ...job, pictures: count, others, stride });
      left = exports.pictures(plan.stepsAt, others, stride, steps, count, ...crew);
    } else {
      exports.prepare(plan.stepsAt, steps, epoch);
      pool.start({ ...job, pictures: 0, others: 0, stride: 0 });
      left = exports.work(plan.stepsAt, steps, ...crew);
    }
    if (left) throw pool.fail("it stopped in the middle of a run");
  }

  dispose(): void {
    this.#live = null;
    this.#helpers?.pool.release(this.#helpers.slot);
  }
}
