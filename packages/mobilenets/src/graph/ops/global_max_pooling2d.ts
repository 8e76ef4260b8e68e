import { expectFlag, expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { eachChannel, type GlobalPoolAttrs, globalPoolShape } from "../pool.ts";

/** Input: x [n,h,w,c]; result [n,c], or [n,1,1,c] with `keepdims`. */
export const globalMaxPooling2d: Op<GlobalPoolAttrs> = {
  name: "global_max_pooling2d",
  layer: () => "GlobalMaxPooling2D",
  check({ keepdims }, inputs) {
    expectInputs("global_max_pooling2d", inputs, 1);
    expectFlag("global_max_pooling2d", "keepdims", keepdims);
  },
  shape: globalPoolShape,
  reference([x], _attrs, output) {
    eachChannel(x, output, (values) => {
      let max = -Infinity;
      for (const value of values) max = Math.max(max, value);
      return max;
    });
  },
  gradient: ({ inputs: [x], output, dy, add }) => [() => add("global_max_pooling2d_grad", [x, output, dy], {})],
};
