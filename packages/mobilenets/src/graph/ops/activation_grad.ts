import { activationDerivative, type ElementwiseActivation } from "../activations.ts";
import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

export interface ActivationGradAttrs {
  readonly activation: ElementwiseActivation;
}

/** Inputs: dy and the activation's input x, of one shape; result `dy activation'(x)`. */
export const activationGrad: Op<ActivationGradAttrs> = {
  name: "activation_grad",
  layer: () => "ActivationGrad",
  shape([dy, x]) {
    expectShape("activation_grad", "dy", dy, x);
    return x;
  },
  reference([dy, x], { activation }, output) {
    const derivative = activationDerivative(activation);
    for (let i = 0; i < x.data.length; i++) output.data[i] = dy.data[i] * derivative(x.data[i]);
  },
};
