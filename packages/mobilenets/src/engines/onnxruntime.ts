import type { Program } from "../graph/graph.ts";
import type { Engine, EngineOptions, Executable } from "./engine.ts";
import type { LoadRuntime } from "./onnxruntime-executable.ts";
import { checkThreads } from "./threads-option.ts";

export interface OnnxRuntimeOptions extends EngineOptions {
  /** Its execution providers, best first, as its documentation names them: `cuda`, `dml`, `coreml`, `webgpu`, ... Default: the processor. */
  readonly providers?: readonly string[];
  /** Default: the package that is installed. */
  readonly load?: LoadRuntime;
}

/**
 * ONNX Runtime: native code and GPUs. Needs one of its packages: `onnxruntime-node` in Node, else `onnxruntime-web`.
 * The program is handed over as an ONNX model in memory.
 *
 * `threads: "auto"` leaves the number to the runtime. The web package starts its threads once for all models.
 * @throws OptionError for a number of threads that no engine takes
 */
export function onnxruntime(options: OnnxRuntimeOptions = {}): Engine {
  const { threads = "auto", providers = [] } = options;
  if (threads !== "auto") checkThreads(threads);
  return {
    name: ["onnxruntime", ...providers.slice(0, 1)].join("-"),
    async compile(program: Program): Promise<Executable> {
      // It is imported lazily, as few pages use this engine.
      const { compileForRuntime } = await import("./onnxruntime-executable.ts");
      return compileForRuntime(program, options);
    },
  };
}
