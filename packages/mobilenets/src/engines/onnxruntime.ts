import type { Program } from "../graph/graph.ts";
import type { Engine, EngineOptions, Executable } from "./engine.ts";
import type { LoadRuntime } from "./onnxruntime-executable.ts";
import { checkThreads } from "./threads-option.ts";

export interface OnnxRuntimeOptions extends EngineOptions {
  /** Execution providers, best first, by ONNX Runtime's names: `cuda`, `dml`, `coreml`, `webgpu`, ... Default: the CPU. */
  readonly providers?: readonly string[];
  /** Loads the runtime. Default: imports the installed package. */
  readonly load?: LoadRuntime;
}

/**
 * ONNX Runtime: native code and GPUs. Needs one of its packages: `onnxruntime-node` in Node, else `onnxruntime-web`.
 * The program passes to it as an ONNX model in memory.
 *
 * `threads: "auto"` lets the runtime choose. The web package starts its threads once for all models.
 * @throws OptionError for an invalid number of threads
 */
export function onnxruntime(options: OnnxRuntimeOptions = {}): Engine {
  const { threads = "auto", providers = [] } = options;
  if (threads !== "auto") checkThreads(threads);
  return {
    name: ["onnxruntime", ...providers.slice(0, 1)].join("-"),
    async compile(program: Program): Promise<Executable> {
      // A dynamic import, because few pages use this engine.
      const { compileForRuntime } = await import("./onnxruntime-executable.ts");
      return compileForRuntime(program, options);
    },
  };
}
