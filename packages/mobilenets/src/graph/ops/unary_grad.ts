import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { unaryFunctions } from "../unary-functions.ts";
import type { UnaryAttrs } from "./unary.ts";

/** Inputs: dy and the function's input x, of one shape; result: dy times the derivative at x. */
export const unaryGrad: Op<UnaryAttrs> = {
  name: "unary_grad",
  layer: () => "UnaryGrad",
  shape([dy, x]) {
    expectShape("unary_grad", "dy", dy, x);
    return x;
  },
  reference([dy, x], { function: name, alpha = 0 }, output) {
    const { slope } = unaryFunctions[name];
    for (let i = 0; i < x.data.length; i++) output.data[i] = dy.data[i] * slope(x.data[i], alpha);
  },
};
