import { canShare, parallelism } from "#worker";
import { OptionError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import { bestIsa, checkCompiled, kernelModule } from "../kernels/modules.ts";
import { isInferenceKernel } from "../kernels/signatures.ts";
import type { Isa } from "../kernels/wat.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { MAX_CHUNKS } from "../plan/chunks.ts";
import { compile } from "../plan/compile.ts";
import { prepareLowerings } from "../plan/lower.ts";
import { show } from "../show.ts";
import type { Engine, EngineOptions, Executable } from "./engine.ts";
import { NoWorkers } from "./threads/pool.ts";
import { WasmExecutable } from "./wasm-executable.ts";
import { MemoryMap, writePlan } from "./wasm-memory.ts";
import { WasmRunner } from "./wasm-runner.ts";

export interface WasmOptions extends EngineOptions {
  /** Default: the best the host supports. */
  readonly isa?: Isa;
}

/** More threads than this gain little on maps of 7x7 pixels. */
const AUTO_THREADS = 4;

/**
 * Our own WebAssembly kernels. Each executable owns one linear memory with its packed weights and its arena.
 *
 * `threads: "auto"` takes up to 4 of the machine's; 1 where memory cannot be shared (a page that is not cross-origin
 * isolated) or workers cannot start (a content security policy, Node's permission model).
 * @throws OptionError for a number of threads that no engine takes
 */
export function wasm(options: WasmOptions = {}): Engine {
  const kernels = options.kernels && checkCompiled(options.kernels);
  const asked = options.threads ?? "auto";
  const isa = options.isa ?? (kernels ? "simd" : bestIsa());
  let threads = kernels ? oneThread(asked) : threadsFor(asked);
  // Compiles while weights are read. The error is that of compile().
  if (!kernels) kernelModule(isa, threads > 1).catch(() => {});

  async function compileFor(program: Program): Promise<Executable> {
    const { graph, weights } = optimiseForPacking(program);
    await prepareLowerings(graph);
    const map = new MemoryMap(compile(graph, threads), Math.min(threads, MAX_CHUNKS));
    const training = map.plan.steps.some(({ kernel }) => !isInferenceKernel(kernel));
    const runner = await WasmRunner.create({ name: graph.name, bytes: map.bytes, threads, isa, training, kernels });
    writePlan(map, weights, runner.buffer, runner.pack);
    return new WasmExecutable(program.graph, map, runner);
  }

  return {
    name: kernels ? "wasm" : `wasm-${isa}`,
    async compile(program: Program): Promise<Executable> {
      try {
        return await compileFor(program);
      } catch (error) {
        if (!(error instanceof NoWorkers) || asked !== "auto") throw error;
        threads = 1;
        return compileFor(program);
      }
    },
  };
}

/** A module given by the caller imports a memory that is not shared. */
function oneThread(threads: "auto" | number): 1 {
  if (threads === "auto" || threads === 1) return 1;
  throw new OptionError({ where: "threads", found: String(threads), expected: '1 or "auto" with the option kernels' });
}

/** Each costs a worker and a part of linear memory; no network gains by more. */
const MOST_THREADS = 64;

/** @throws OptionError for a number that no engine takes */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  const expected = `"auto" or an integer from 1 to ${MOST_THREADS}`;
  throw new OptionError({ where: "threads", found: show(threads), expected });
}

/** How many threads an option means here. @throws OptionError */
export function threadsFor(threads: "auto" | number): number {
  if (threads === "auto") return canShare() ? Math.min(AUTO_THREADS, parallelism()) : 1;
  checkThreads(threads);
  if (threads > 1 && !canShare()) {
    throw new OptionError({
      where: "threads",
      found: `${threads} on a page that is not cross-origin isolated`,
      expected: '1 or "auto"',
      hint: "serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    });
  }
  return threads;
}
