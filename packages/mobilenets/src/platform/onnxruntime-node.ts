import type { LoadRuntime, Runtime } from "../engines/onnxruntime.ts";
import { EngineError } from "../errors.ts";
import { importPeer, rethrow } from "../weights/peer.ts";

/** The native package if it is installed; else the web package, whose WebAssembly runs here too. */
export const loadRuntime: LoadRuntime = async () => {
  try {
    const native = (): Promise<Runtime> => import("onnxruntime-node").catch(rethrow);
    return await importPeer("onnxruntime-node", native, "run the engine onnxruntime", EngineError);
  } catch (error) {
    if (!(error instanceof EngineError) || error.found !== "not installed") throw error;
    return import("onnxruntime-web").catch(() => {
      throw error;
    });
  }
};
