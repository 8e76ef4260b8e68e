import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import type { Contender } from "../contender.ts";

/** XNNPACK in the build with relaxed SIMD, which LiteRT.js chooses if the browser has it. */
export const contender: Contender = {
  async open({ threads, read }) {
    const [bytes] = await Promise.all([read("model.tflite"), loadLiteRt("/litert/", { threads: threads > 1 })]);
    const model = await loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: threads } });
    if (!model.isFullyAccelerated) throw new Error("XNNPACK did not take the whole network");
    const [{ shape }] = model.getInputDetails();
    return {
      async run(input) {
        const tensor = new Tensor(input, shape);
        const [output] = await model.run(tensor);
        const values = (await output.data()) as Float32Array;
        tensor.delete();
        output.delete();
        return values;
      },
    };
  },
};
