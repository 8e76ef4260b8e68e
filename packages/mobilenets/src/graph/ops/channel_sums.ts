import type { Op } from "../op.ts";

/** Input: dy [..., c]; result [c]: the sum of each channel over all other axes, which is a bias' gradient. */
export const channelSums: Op = {
  name: "channel_sums",
  layer: () => "ChannelSums",
  shape: ([dy]) => dy.slice(-1),
  reference([dy], _attrs, output) {
    const sums = new Float64Array(output.data.length);
    for (let i = 0; i < dy.data.length; i++) sums[i % sums.length] += dy.data[i];
    output.data.set(sums);
  },
};
