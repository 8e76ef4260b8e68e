import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

export interface BroadcastAttrs {
  readonly height: number;
  readonly width: number;
  readonly scale: number;
}

/** Input: x [n,c] or [n,1,1,c]; result [n,height,width,c]: `scale` times x at each pixel. */
export const broadcast: Op<BroadcastAttrs> = {
  name: "broadcast",
  layer: () => "Broadcast",
  shape([x], { height, width }) {
    const channels = x[x.length - 1];
    if (x.length !== 2) expectShape("broadcast", "x", x, [x[0], 1, 1, channels]);
    return [x[0], height, width, channels];
  },
  reference([x], { scale }, output) {
    const [, height, width, channels] = output.shape;
    for (let i = 0; i < output.data.length; i++) {
      const n = Math.floor(i / (height * width * channels));
      output.data[i] = scale * x.data[n * channels + (i % channels)];
    }
  },
};
