import type { Program } from "../graph/graph.ts";
import type { Extension } from "../plan/extension.ts";
import type { Tensor } from "../tensor.ts";

/** Something that can run programs. `compile` is the slow part; what it returns is run many times. */
export interface Engine {
  /** As in `--engine`. */
  readonly name: string;
  /** What else is known of it now. It may learn more about its host while it runs. */
  readonly details?: EngineDetails;
  /**
   * @param extension what the program has beyond the ops of networks: those of training
   * @throws EngineError if the host lacks what the engine needs, or the engine lacks an op
   */
  compile(program: Program, extension?: Extension): Promise<Executable>;
}

/** How an engine computes, beside its name: what changes speed but no result. */
export interface EngineDetails {
  /** Bits that the host makes one operation of, as far as is known. The kernels are chosen by it. */
  readonly simdBits?: 128 | 256;
  /** Whether that is final. Until then the engine measures it. */
  readonly settled?: boolean;
}

/**
 * A program made ready for one engine. Calls may overlap: each gives what it gives alone, and the engine does them one after
 * the other or in turns. After `dispose()` no further picture is begun: calls that have not ended reject with an EngineError.
 */
export interface Executable {
  /**
   * @param input NHWC float32 of the graph's input shape with any batch size
   * @returns one tensor per graph output, in order, owned by the caller
   */
  run(input: Tensor, options?: RunOptions): Promise<Tensor[]>;
  /**
   * Does what `run` does, and is done when it returns. Nothing else happens meanwhile. Engines that can only be awaited
   * lack it.
   */
  runSync?(input: Tensor): Tensor[];
  /** Frees memory and threads; the executable cannot run again. Calling it twice is harmless. */
  dispose(): void;
}

/** What every engine takes; an engine's own options are in its file. */
export interface EngineOptions {
  /** Threads to run on, including the caller's; `auto` leaves it to the engine. The reference engine has one. */
  readonly threads?: "auto" | number;
}

/** Options of a single run. */
export interface RunOptions {
  /**
   * Checked between pictures (on several threads between groups of them, about 0.1 s; reference: between
   * layers); the call then rejects with the signal's reason.
   */
  readonly signal?: AbortSignal;
}
