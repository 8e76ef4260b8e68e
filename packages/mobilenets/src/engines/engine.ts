import type { Program } from "../graph/graph.ts";
import type { Extension } from "../plan/extension.ts";
import type { Tensor } from "../tensor.ts";

/** An engine compiles programs, which is slow, and runs them many times. */
export interface Engine {
  /** The engine's name, as for `--engine`. */
  readonly name: string;
  /** Further facts. An engine may learn more about its host while it runs. */
  readonly details?: EngineDetails;
  /**
   * @param extension ops, kernels and lowerings beyond those of networks, as training has
   * @throws EngineError if the host lacks what the engine needs, or the engine lacks an op
   */
  compile(program: Program, extension?: Extension): Promise<Executable>;
}

/** Facts about an engine that change its speed but no result. */
export interface EngineDetails {
  /** Bits per operation of the host, as far as is known. It decides the kernels. */
  readonly simdBits?: 128 | 256;
  /** Whether `simdBits` is final. Until then the engine measures it. */
  readonly settled?: boolean;
}

/**
 * A program compiled for one engine. Calls may overlap: each gives the same result as alone, and the engine runs them one
 * after the other or in turns. After `dispose()` no further picture starts: unfinished calls reject with an EngineError.
 */
export interface Executable {
  /**
   * @param input NHWC float32 of the graph's input shape with any batch size
   * @returns one tensor per graph output, in order, owned by the caller
   */
  run(input: Tensor, options?: RunOptions): Promise<Tensor[]>;
  /**
   * The synchronous form of `run`. Asynchronous engines lack it.
   */
  runSync?(input: Tensor): Tensor[];
  /** Frees memory and threads; the executable cannot run again. Calling it twice is harmless. */
  dispose(): void;
}

/** Options of every engine; an engine's own options are in its file. */
export interface EngineOptions {
  /** Number of threads, including the caller's; `auto` lets the engine decide. The reference engine has one. */
  readonly threads?: "auto" | number;
}

/** Options of a single run. */
export interface RunOptions {
  /**
   * Aborts the call, which rejects with the signal's reason. Engines check it between pictures (on several threads
   * between groups of pictures of about 0.1 s; the reference engine between layers).
   */
  readonly signal?: AbortSignal;
}
