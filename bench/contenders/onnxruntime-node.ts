import type { Contender } from "../contender.ts";
import { openOnnx, type Runtime } from "./onnx.ts";

/** Native code, for comparison. */
export const contender: Contender = {
  async open(task) {
    const ort: Runtime = await import("onnxruntime-node");
    return openOnnx(ort, task, { intraOpNumThreads: task.threads });
  },
};
