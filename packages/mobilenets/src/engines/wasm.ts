import { OptionError } from "../errors.ts";
import type { Program } from "../graph/graph.ts";
import type { CompiledModule } from "../kernels/compiled-module.ts";
import { coreKernels } from "../kernels/kernel-table.ts";
import { bestIsa, checkCompiled, checkHolds, kernelModule } from "../kernels/modules.ts";
import type { Isa } from "../kernels/wat.ts";
import { optimiseForPacking } from "../passes/optimise.ts";
import { MAX_CHUNKS } from "../plan/chunks.ts";
import { compile } from "../plan/compile.ts";
import type { Extension } from "../plan/extension.ts";
import { extensionOf } from "../plan/lower.ts";
import type { Engine, EngineOptions, Executable } from "./engine.ts";
import { MemoryMap } from "./memory-map.ts";
import { type SimdBits, tileChoice } from "./simd-bits.ts";
import { NoWorkers } from "./threads/pool.ts";
import { threadsFor } from "./threads-option.ts";
import { TiledSteps } from "./tiled-steps.ts";
import { WasmExecutable } from "./wasm-executable.ts";
import { WasmRunner } from "./wasm-runner.ts";
import { writePlan } from "./write-plan.ts";

export interface WasmOptions extends EngineOptions {
  /**
   * The kernels as a compiled module, for hosts that compile nothing at run time (Cloudflare Workers):
   * `import kernels from "mobilenets/kernels/simd.wasm"`, or `training-simd.wasm` for models with layers that none of our
   * networks has. One thread.
   */
  readonly kernels?: CompiledModule;
  /** Default: the best that the host supports. */
  readonly isa?: Isa;
  /**
   * Whether tiles suit hosts that fuse two operations of 128 bits into one of 256. Default `auto`: measured after the
   * kernels are optimised, because no feature test exists. The results are the same to the bit.
   */
  readonly simdBits?: SimdBits | "auto";
}

/**
 * Our own WebAssembly kernels. Each executable owns one linear memory with its packed weights and its arena.
 *
 * `threads: "auto"` takes up to 4 of the machine's; 1 if memory cannot be shared (a page that is not cross-origin
 * isolated) or workers cannot start (a content security policy, Node's permission model).
 * @throws OptionError for an invalid number of threads
 */
export function wasm(options: WasmOptions = {}): Engine {
  const kernels = options.kernels && checkCompiled(options.kernels);
  const asked = options.threads ?? "auto";
  const isa = options.isa ?? (kernels ? "simd" : bestIsa());
  const choice = tileChoice(isa, options.simdBits);
  let threads = kernels ? oneThread(asked) : threadsFor(asked);
  // Starts compilation while weights are read. compile() reports the error.
  if (!kernels) kernelModule(isa, threads > 1).catch(() => {});

  async function compileFor(program: Program, extension?: Extension): Promise<Executable> {
    const { graph, weights } = optimiseForPacking(program);
    extension ??= await extensionOf(graph);
    const map = new MemoryMap(compile(graph, threads, extension), Math.min(threads, MAX_CHUNKS));
    const { module } = map.plan;
    if (kernels) checkHolds(kernels, module, graph.name);
    const runner = await WasmRunner.create({ name: graph.name, bytes: map.bytes, threads, isa, module, kernels });
    const table = extension?.kernels ?? coreKernels;
    writePlan(map, weights, runner.buffer, runner.pack, table);
    return new WasmExecutable(program.graph, map, runner, new TiledSteps(map, table, choice, runner));
  }

  return {
    name: kernels ? "wasm" : `wasm-${isa}`,
    get details() {
      return { simdBits: choice.bits, settled: choice.settled };
    },
    async compile(program: Program, extension?: Extension): Promise<Executable> {
      try {
        return await compileFor(program, extension);
      } catch (error) {
        if (!(error instanceof NoWorkers) || asked !== "auto") throw error;
        threads = 1;
        return compileFor(program, extension);
      }
    },
  };
}

/** Allows one thread only: a caller's module imports a memory that is not shared. */
function oneThread(threads: "auto" | number): 1 {
  if (threads === "auto" || threads === 1) return 1;
  throw new OptionError({ where: "threads", found: String(threads), expected: '1 or "auto" with the option kernels' });
}
