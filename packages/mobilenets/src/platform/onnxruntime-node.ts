import type { LoadRuntime } from "../engines/onnxruntime-executable.ts";
import { EngineError } from "../errors.ts";
import { peerError } from "./peer.ts";

/** Loads the native package if it is installed, otherwise the web package, whose WebAssembly runs in Node too. */
export const loadRuntime: LoadRuntime = async () => {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const error = peerError("onnxruntime-node", "run the engine onnxruntime", cause, EngineError);
    if (error.found !== "not installed") throw error;
    try {
      return await import("onnxruntime-web");
    } catch {
      throw error;
    }
  }
};
