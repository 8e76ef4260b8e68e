import { EngineError } from "../errors.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { bestIsa, kernelModule } from "../kernels/modules.ts";
import type { Isa } from "../kernels/wat.ts";
import { optimise } from "../passes/optimise.ts";
import { compile } from "../plan/compile.ts";
import type { Plan } from "../plan/plan.ts";
import { sizeOf, type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Engine, EngineOptions, Executable, RunOptions } from "./engine.ts";
import { readMap, writeMap, writePlan } from "./wasm-memory.ts";

export interface WasmOptions extends EngineOptions {
  /** Default: the best the host supports. */
  readonly isa?: Isa;
}

/** Our own WebAssembly kernels. Each executable owns one linear memory with its packed weights and its arena. */
export function wasm(options: WasmOptions = {}): Engine {
  return {
    name: "wasm",
    async compile(program: Program): Promise<Executable> {
      const isa = options.isa ?? (await bestIsa());
      const module = await kernelModule(isa);
      const { graph, weights } = optimise(program);
      return new WasmExecutable(program.graph, compile(graph), weights, module);
    },
  };
}

const PAGE = 65536;

interface Exports {
  run(steps: number, count: number, thread: number, threads: number, sync: number): void;
}

class WasmExecutable implements Executable {
  readonly #graph: Graph;
  readonly #plan: Plan;
  #memory: WebAssembly.Memory | null;
  readonly #run: Exports["run"];

  constructor(graph: Graph, plan: Plan, weights: Program["weights"], module: WebAssembly.Module) {
    this.#graph = graph;
    this.#plan = plan;
    // Initial size equals maximum: the buffer never moves, and the views on it stay valid.
    const pages = Math.ceil(plan.bytes / PAGE);
    this.#memory = allocate(graph.name, pages);
    writePlan(plan, weights, this.#memory.buffer);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#run = (instance.exports as unknown as Exports).run;
  }

  async run(input: Tensor, { signal }: RunOptions = {}): Promise<Tensor[]> {
    if (!this.#memory) throw new EngineError({ where: this.#graph.name, found: "a call after dispose()" });
    checkInput(this.#graph, input);
    const { buffer } = this.#memory;
    const [batch, ...item] = input.shape;
    const { input: inputMap, outputs, stepsAt, steps } = this.#plan;
    // Shapes as the caller's graph states them: passes may have renamed an output to a value of another rank.
    const results = this.#graph.outputs.map((_, i) => tensor([batch, ...this.#outputShape(i)]));
    for (let n = 0; n < batch; n++) {
      signal?.throwIfAborted();
      writeMap(inputMap, input.data.subarray(n * sizeOf(item), (n + 1) * sizeOf(item)), buffer);
      this.#run(stepsAt, steps.length, 0, 1, 0);
      outputs.forEach((map, i) => {
        const size = results[i].data.length / batch;
        readMap(map, buffer, results[i].data.subarray(n * size, (n + 1) * size));
      });
    }
    return results;
  }

  #outputShape(i: number): readonly number[] {
    const name = this.#graph.outputs[i];
    const node = this.#graph.nodes.find((candidate) => candidate.name === name);
    return (node?.shape ?? this.#plan.outputs[i].shape).slice(1);
  }

  dispose(): void {
    this.#memory = null;
  }
}

function allocate(where: string, pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new EngineError(
      {
        where,
        found: `no room for ${Math.ceil((pages * PAGE) / 2 ** 20)} MiB`,
        hint: "dispose() models you no longer use",
      },
      { cause },
    );
  }
}
