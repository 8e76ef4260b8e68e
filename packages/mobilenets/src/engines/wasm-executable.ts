import type { Graph } from "../graph/graph.ts";
import { shapesOf } from "../graph/shapes.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Executable, RunOptions } from "./engine.ts";
import { readMap, writeMap } from "./map-io.ts";
import type { MemoryMap } from "./memory-map.ts";
import { shareLoop } from "./share-loop.ts";
import type { TiledSteps } from "./tiled-steps.ts";
import type { WasmRunner } from "./wasm-runner.ts";

/** Target duration of a group of pictures in milliseconds: the calling thread is blocked meanwhile. */
const GROUP_MS = 100;

/** A plan in its linear memory, which this thread runs alone or with a pool's workers. */
export class WasmExecutable implements Executable {
  readonly #graph: Graph;
  readonly #shapes: readonly Shape[];
  readonly #map: MemoryMap;
  readonly #runner: WasmRunner;
  readonly #steps: TiledSteps;
  /** Milliseconds per picture in the last group. */
  #pictureMs = Number.POSITIVE_INFINITY;

  /** @param graph the caller's graph, with the names and shapes of the outputs */
  constructor(graph: Graph, map: MemoryMap, runner: WasmRunner, steps: TiledSteps) {
    this.#graph = graph;
    const shapes = shapesOf(graph);
    this.#shapes = graph.outputs.map((name) => shapes.get(name) as Shape);
    this.#map = map;
    this.#runner = runner;
    this.#steps = steps;
  }

  async run(input: Tensor, { signal }: RunOptions = {}): Promise<Tensor[]> {
    const { batch, results } = this.#begin(input);
    for (let n = 0; n < batch; ) {
      signal?.throwIfAborted();
      await this.#runner.ready();
      n += this.#some(input, n, results);
      await shareLoop();
    }
    return results;
  }

  runSync(input: Tensor): Tensor[] {
    const { batch, results } = this.#begin(input);
    // This thread does not wait for workers that are not ready. It does their part.
    for (let n = 0; n < batch; ) n += this.#some(input, n, results);
    return results;
  }

  #begin(input: Tensor) {
    checkInput(this.#graph, input);
    const batch = input.shape[0] / this.#graph.input.shape[0];
    // A training graph has its batch in its shapes, and results that are sums over the batch.
    return { batch, results: this.#shapes.map(([n, ...item]) => tensor([batch * n, ...item])) };
  }

  /** Runs the next pictures from `n` on: one per thread if there are enough, otherwise one on all; returns their number. */
  #some(input: Tensor, n: number, results: readonly Tensor[]): number {
    const { buffer } = this.#runner;
    const { plan } = this.#map;
    const batch = input.shape[0] / this.#graph.input.shape[0];
    const count = this.#groupOf(batch - n);
    const shift = (binding: number, i: number) => (count === 1 ? 0 : this.#map.entryShift(binding, i));
    const size = input.data.length / batch;
    for (let i = 0; i < count; i++) {
      writeMap(plan.input, input.data.subarray((n + i) * size, (n + i + 1) * size), buffer, shift(0, i));
    }
    this.#execute(count);
    plan.outputs.forEach((output, o) => {
      const { data, shape } = results[o];
      const length = sizeOf(shape) / batch;
      for (let i = 0; i < count; i++) {
        readMap(output, buffer, data.subarray((n + i) * length, (n + i + 1) * length), shift(1 + o, i));
      }
    });
    return count;
  }

  /** The number of pictures of the next group, a multiple of the threads; 1 if too few are left. */
  #groupOf(left: number): number {
    const { workers, entries } = this.#map;
    if (workers === 1 || left < workers || this.#steps.undecided) return 1;
    const inTime = Math.max(workers, GROUP_MS / this.#pictureMs);
    return Math.floor(Math.min(left, entries, inTime) / workers) * workers;
  }

  #execute(count: number): void {
    const { plan, workersAt } = this.#map;
    if (count === 1) {
      this.#steps.run(0, plan.steps.length);
      return;
    }
    this.#steps.update();
    const start = performance.now();
    this.#runner.runEach(workersAt, count);
    this.#pictureMs = (performance.now() - start) / count;
  }

  dispose(): void {
    this.#runner.dispose();
  }
}
