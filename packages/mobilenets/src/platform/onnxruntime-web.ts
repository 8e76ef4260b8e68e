import type { LoadRuntime, Runtime } from "../engines/onnxruntime-executable.ts";
import { EngineError } from "../errors.ts";
import { peerError, present } from "./peer.ts";

/** Loads the build for WebAssembly, which is half the size, or the one with WebGPU if a caller asks for it. */
export const loadRuntime: LoadRuntime = async (providers) => {
  const processor = providers.every((provider) => provider === "wasm" || provider === "cpu");
  try {
    const runtime: Runtime = processor ? await import("onnxruntime-web/wasm") : await import("onnxruntime-web/webgpu");
    return present(runtime, "InferenceSession");
  } catch (cause) {
    throw peerError("onnxruntime-web", "run the engine onnxruntime", cause, EngineError);
  }
};
