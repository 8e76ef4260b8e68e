/** LiteRT.js, an independent reader of TFLite files: it runs in pages alone. */
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

/** What a model makes of an input. */
export async function answer(address: string, input: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  await loadLiteRt("/litert/", { threads: false });
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  const model = await loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: 1 } });
  const [output] = await model.run(new Tensor(input, Int32Array.from(shape)));
  return (await output.data()) as Float32Array;
}
