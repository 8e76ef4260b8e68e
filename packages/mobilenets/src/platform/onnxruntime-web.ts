import type { LoadRuntime } from "../engines/onnxruntime.ts";
import { EngineError } from "../errors.ts";
import { peerError } from "./peer.ts";

/** WebAssembly alone is half the size; what knows WebGPU too is fetched by who asks for it. */
export const loadRuntime: LoadRuntime = async (providers) => {
  const processor = providers.every((provider) => provider === "wasm" || provider === "cpu");
  try {
    return processor ? await import("onnxruntime-web/wasm") : await import("onnxruntime-web/webgpu");
  } catch (cause) {
    throw peerError("onnxruntime-web", "run the engine onnxruntime", cause, EngineError);
  }
};
