import { GraphError } from "../../errors.ts";
import { type Activation, activate } from "../activations.ts";
import { expectActivation, expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface ActivationAttrs {
  readonly activation: Activation;
}

/** Input: x of any shape. */
export const activation: Op<ActivationAttrs> = {
  name: "activation",
  layer: (attrs) => (attrs.activation === "relu" || attrs.activation === "relu6" ? "ReLU" : "Activation"),
  check({ activation: name }, inputs) {
    expectInputs("activation", inputs, 1);
    expectActivation("activation", name);
  },
  shape: ([x]) => x,
  reference([x], attrs, output) {
    output.data.set(x.data);
    activate(attrs.activation, output.data, x.shape[x.shape.length - 1]);
  },
  gradient({ attrs: { activation: name }, inputs, dy, add }) {
    if (name === "softmax") {
      throw new GraphError({ where: "softmax", found: "no gradient", expected: "a loss on what comes before it" });
    }
    return [() => (name === "linear" ? dy : add("activation_grad", [dy, ...inputs], { activation: name }))];
  },
};
