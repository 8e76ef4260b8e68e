import type { LoadRuntime, Runtime } from "../engines/onnxruntime.ts";
import { EngineError } from "../errors.ts";
import { importPeer, rethrow } from "../weights/peer.ts";

/** WebAssembly alone is half the size; what knows WebGPU too is fetched by who asks for it. */
export const loadRuntime: LoadRuntime = (providers) => {
  const processor = providers.every((provider) => provider === "wasm" || provider === "cpu");
  const load = (): Promise<Runtime> =>
    processor ? import("onnxruntime-web/wasm").catch(rethrow) : import("onnxruntime-web/webgpu").catch(rethrow);
  return importPeer("onnxruntime-web", load, "run the engine onnxruntime", EngineError);
};
