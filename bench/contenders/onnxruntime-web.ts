import type { Contender } from "../contender.ts";
import { openOnnx, type Runtime } from "./onnx.ts";

/**
 * In a page, the entry with only the WebAssembly engine, because the default one would fetch the larger build with WebGPU.
 * In Node the default entry is that engine, and the other one cannot start threads.
 */
export const contender: Contender = {
  async open(task) {
    const inPage = typeof window === "object";
    const module: unknown = await (inPage ? import("onnxruntime-web/wasm") : import("onnxruntime-web"));
    const ort = module as Runtime;
    ort.env.wasm.numThreads = task.threads;
    if (inPage) ort.env.wasm.wasmPaths = "/ort/";
    return openOnnx(ort, task, { executionProviders: ["wasm"] });
  },
};
