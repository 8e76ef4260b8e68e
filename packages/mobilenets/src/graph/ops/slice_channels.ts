import { GraphError } from "../../errors.ts";
import { formatShape } from "../../tensor.ts";
import { expectInputs, expectWhole } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface SliceChannelsAttrs {
  readonly begin: number;
  readonly size: number;
}

/** Input: x [..., c]; result: `size` channels from `begin` on. */
export const sliceChannels: Op<SliceChannelsAttrs> = {
  name: "slice_channels",
  layer: () => "SliceChannels",
  check({ begin, size }, inputs) {
    expectInputs("slice_channels", inputs, 1);
    expectWhole("slice_channels", "begin", begin, 0);
    expectWhole("slice_channels", "size", size, 1);
  },
  shape([x], { begin, size }) {
    if (begin + size > (x.at(-1) as number)) {
      const found = `channels ${begin} to ${begin + size} of ${formatShape(x)}`;
      throw new GraphError({ where: "slice_channels", found, expected: "channels of the input" });
    }
    return [...x.slice(0, -1), size];
  },
  reference([x], { begin, size }, output) {
    const channels = x.shape.at(-1) as number;
    for (let i = 0; i < output.data.length; i++) {
      output.data[i] = x.data[Math.floor(i / size) * channels + begin + (i % size)];
    }
  },
};
