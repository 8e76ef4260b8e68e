import weights from "@mobilenets/weights-imagenet/efficientnet_lite0.safetensors";
import { load } from "mobilenets";
import kernels from "mobilenets/kernels/simd.wasm";
import data from "./coffee.rgb";

const model = load(weights, { kernels });

export default {
  async fetch(): Promise<Response> {
    const pixels = { data: new Uint8Array(data), width: 192, height: 192, channels: 3 } as const;
    const [best] = await (await model).classify(pixels);
    return Response.json(best);
  },
};
