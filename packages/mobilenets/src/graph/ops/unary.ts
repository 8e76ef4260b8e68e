import { GraphError } from "../../errors.ts";
import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { checkUnary, type UnaryFunction, unaryFunctions } from "../unary-functions.ts";

export interface UnaryAttrs {
  readonly function: UnaryFunction;
  /**
   * Slope of `leaky_relu` below 0, scale of `elu` there, what `hard_shrink` lets pass on either side of 0, and b of
   * `squareplus`, (x + sqrt(x^2 + b)) / 2, above 0; other functions have none.
   */
  readonly alpha?: number;
}

/**
 * Input: x of any shape; result: the function of each number. These are the activations that MobileNets do not have and
 * other heads do. They are an op of their own, as no layer has them built in.
 */
export const unary: Op<UnaryAttrs> = {
  name: "unary",
  layer: ({ function: name }) => layerNames[name] ?? "Activation",
  check({ function: name, alpha = 0 }, inputs) {
    expectInputs("unary", inputs, 1);
    expectNumber("unary", "alpha", alpha);
    checkUnary(name);
    if (name === "squareplus" && !(alpha > 0))
      throw new GraphError({ where: "unary", found: `squareplus of ${alpha}`, expected: "a number above 0" });
  },
  shape: ([x]) => x,
  reference([x], { function: name, alpha = 0 }, output) {
    const { value } = unaryFunctions[name];
    for (let i = 0; i < x.data.length; i++) output.data[i] = value(x.data[i], alpha);
  },
  gradient: ({ attrs, inputs, dy, add }) => [() => add("unary_grad", [dy, ...inputs], attrs)],
};

const layerNames: Partial<Record<UnaryFunction, string>> = { leaky_relu: "LeakyReLU", elu: "ELU" };
