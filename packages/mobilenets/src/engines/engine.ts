import type { Program } from "../graph/graph.ts";
import type { CompiledModule } from "../kernels/compiled-module.ts";
import type { Extension } from "../plan/extension.ts";
import type { Tensor } from "../tensor.ts";

/** Something that can run programs. `compile` is the slow part; what it returns is run many times. */
export interface Engine {
  /** As in `--engine`. */
  readonly name: string;
  /**
   * @param extension what the program has beyond the ops of networks: those of training
   * @throws EngineError if the host lacks what the engine needs, or the engine lacks an op
   */
  compile(program: Program, extension?: Extension): Promise<Executable>;
}

/** A program made ready for one engine. Runs one call at a time. */
export interface Executable {
  /**
   * @param input NHWC float32 of the graph's input shape with any batch size
   * @returns one tensor per graph output, in order, owned by the caller
   */
  run(input: Tensor, options?: RunOptions): Promise<Tensor[]>;
  /** Frees memory and threads; the executable cannot run again. Calling it twice is harmless. */
  dispose(): void;
}

/** How an engine runs. */
export interface EngineOptions {
  /** Threads to run on, including the caller's; `auto` leaves it to the engine. The reference engine has one. */
  readonly threads?: "auto" | number;
  /**
   * ONNX Runtime only: its execution providers, best first, as its documentation names them: `cuda`, `dml`, `coreml`,
   * `webgpu`, ... Default: the processor.
   */
  readonly providers?: readonly string[];
  /**
   * WebAssembly engine only: its kernels as a module that the host has compiled, for hosts that compile nothing at run
   * time (Cloudflare Workers): `import kernels from "mobilenets/kernels/simd.wasm"`. One thread.
   */
  readonly kernels?: CompiledModule;
}

/** Options of a single run. */
export interface RunOptions {
  /**
   * Checked between pictures (on several threads between groups of them, about 0.1 s; reference: between
   * layers); the call then rejects with the signal's reason.
   */
  readonly signal?: AbortSignal;
}
