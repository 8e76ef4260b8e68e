import { expectFlag, expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { eachChannel, type GlobalPoolAttrs, globalPoolShape } from "../pool.ts";

/** Input: x [n,h,w,c]; result [n,c], or [n,1,1,c] with `keepdims`. */
export const globalAveragePooling2d: Op<GlobalPoolAttrs> = {
  name: "global_average_pooling2d",
  layer: () => "GlobalAveragePooling2D",
  check({ keepdims }, inputs) {
    expectInputs("global_average_pooling2d", inputs, 1);
    expectFlag("global_average_pooling2d", "keepdims", keepdims);
  },
  shape: globalPoolShape,
  reference([x], _attrs, output) {
    const pixels = x.shape[1] * x.shape[2];
    eachChannel(x, output, (values) => {
      let sum = 0;
      for (const value of values) sum += value;
      return sum / pixels;
    });
  },
  gradient({ inputs: [x], dy, shapeOf, add }) {
    const [, height, width] = shapeOf(x);
    return [() => add("broadcast", [dy], { height, width, scale: 1 / (height * width) })];
  },
};
