import { GraphError } from "../../errors.ts";
import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { checkUnary, type UnaryFunction, unaryFunctions } from "../unary-functions.ts";

export interface UnaryAttrs {
  readonly function: UnaryFunction;
  /**
   * Slope of `leaky_relu` below 0, scale of `elu` below 0, threshold of `hard_shrink`, and b > 0 of `squareplus`,
   * (x + sqrt(x^2 + b)) / 2; other functions have none.
   */
  readonly alpha?: number;
}

/**
 * Input: x of any shape; result: the function of each number. These activations are in other heads, not in MobileNets.
 * They are a separate op because no layer has them built in.
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
