import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import type { Contender } from "../contender.ts";
import { INPUT_SHAPE } from "../picture.ts";

/** A graph model, which is faster than a layers model because the converter folds and fuses it. */
export const contender: Contender = {
  async open({ threads, read }) {
    tf.enableProdMode();
    if (typeof window === "object") setWasmPaths("/tfjs/");
    if (threads > 1) setThreadsCount(threads);
    else tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    await tf.setBackend("wasm");
    const [json, weights] = await Promise.all([read("model.json"), read("model.weights")]);
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const weightSpecs = weightsManifest[0].weights;
    const model = await loadGraphModel({
      load: async () => ({ modelTopology, weightSpecs, weightData: weights.buffer }),
    });
    return {
      threads: threads > 1 ? getThreadsCount() : 1,
      async run(data) {
        const input = tf.tensor(data, [1, ...INPUT_SHAPE]);
        const output = model.predict(input) as tf.Tensor;
        const values = (await output.data()) as Float32Array;
        input.dispose();
        output.dispose();
        return values;
      },
    };
  },
};
