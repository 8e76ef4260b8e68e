import type { Session, Task } from "../contender.ts";
import { INPUT_SHAPE } from "../picture.ts";

/** The part of ONNX Runtime's interface used here, which all its packages share. */
export interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: SessionOptions): Promise<InferenceSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string } };
}

interface SessionOptions {
  readonly executionProviders?: readonly string[];
  readonly intraOpNumThreads?: number;
}

interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, object>): Promise<Record<string, { readonly data: Float32Array }>>;
}

export async function openOnnx(ort: Runtime, { read }: Task, options: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(await read("model.onnx"), options);
  const [height, width, channels] = INPUT_SHAPE;
  const dims = [1, channels, height, width];
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  return {
    prepare: toNchw,
    run: async (data) => {
      const results = await session.run({ [input]: new ort.Tensor("float32", data, dims) });
      return results[output].data;
    },
  };
}

function toNchw(nhwc: Float32Array): Float32Array {
  const [height, width, channels] = INPUT_SHAPE;
  return nhwc.map((_, i) => nhwc[(i % (height * width)) * channels + Math.floor(i / (height * width))]);
}
