import { canBlock, yieldToHost } from "#worker";
import { EngineError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { shapesOf } from "../graph/summary.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Executable, RunOptions } from "./engine.ts";
import type { Slot, ThreadPool } from "./threads/pool.ts";
import { type MemoryMap, readMap, writeMap } from "./wasm-memory.ts";

interface Exports {
  run(steps: number, count: number, thread: number, threads: number, sync: number, block: number): number;
  barrier(sync: number, threads: number, block: number): number;
}

/** Where threads meet; the first bytes of linear memory are kept free for it. */
const SYNC_AT = 64;

/** After so many milliseconds of work the host gets a chance to handle events. */
const PATIENCE = 50;

/** A plan in its linear memory, run by this thread alone or with a pool's workers. */
export class WasmExecutable implements Executable {
  readonly #graph: Graph;
  readonly #shapes: readonly Shape[];
  readonly #map: MemoryMap;
  readonly #helpers: { readonly pool: ThreadPool; readonly slot: Slot } | null;
  /** Null once disposed: the linear memory is free when neither it nor the instance can be reached. */
  #live: { readonly memory: WebAssembly.Memory; readonly exports: Exports } | null;

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
    const [batch] = input.shape;
    const results = this.#shapes.map(([, ...item]) => tensor([batch, ...item]));
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
    const { memory, exports } = this.#live;
    const { buffer } = memory;
    const { plan, pictures } = this.#map;
    const [batch] = input.shape;
    const count = this.#helpers && batch - n >= pictures ? pictures : 1;
    const size = input.data.length / batch;
    for (let i = 0; i < count; i++) {
      writeMap(plan.input, input.data.subarray((n + i) * size, (n + i + 1) * size), buffer, this.#map.shift(i));
    }
    this.#execute(exports, count);
    plan.outputs.forEach((output, o) => {
      const { data, shape } = results[o];
      const length = sizeOf(shape.slice(1));
      for (let i = 0; i < count; i++) {
        readMap(output, buffer, data.subarray((n + i) * length, (n + i + 1) * length), this.#map.shift(i));
      }
    });
    return count;
  }

  #execute(exports: Exports, count: number): void {
    const { plan, pictures } = this.#map;
    const steps = plan.steps.length;
    if (!this.#helpers) {
      exports.run(plan.stepsAt, steps, 0, 1, SYNC_AT, 0);
      return;
    }
    const { pool, slot } = this.#helpers;
    const block = canBlock() ? 1 : 0;
    const each = count > 1;
    const list = each ? this.#map.stepsAt(1) : plan.stepsAt;
    const stride = this.#map.stepsAt(2) - this.#map.stepsAt(1);
    pool.start({ slot: slot.number, pictures: each, steps: list, stride, count: steps, sync: SYNC_AT });
    exports.run(plan.stepsAt, steps, 0, each ? 1 : pictures, SYNC_AT, block);
    // After a picture each, threads meet here; after one by all, this is the meeting after its last step.
    if (exports.barrier(SYNC_AT, pictures, block)) throw pool.fail("it stopped in the middle of a run");
  }

  dispose(): void {
    this.#live = null;
    this.#helpers?.pool.release(this.#helpers.slot);
  }
}
