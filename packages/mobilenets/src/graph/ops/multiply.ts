import { GraphError } from "../../errors.ts";
import { formatShape, sameShape } from "../../tensor.ts";
import { expectInputs } from "../check-attrs.ts";
import type { Op } from "../op.ts";

/** Inputs: x and a gate of its shape, or x [n,h,w,c] and a gate of one value per channel, [n,1,1,c]. */
export const multiply: Op = {
  name: "multiply",
  layer: () => "Multiply",
  check: (_attrs, inputs) => expectInputs("multiply", inputs, 2),
  shape([x, gate]) {
    const gates = x.length === 4 ? [x, [x[0], 1, 1, x[3]]] : [x];
    if (!gates.some((shape) => sameShape(gate, shape))) {
      throw new GraphError({
        where: "multiply",
        found: `${formatShape(x)} * ${formatShape(gate)}`,
        expected: `a gate of shape ${gates.map(formatShape).join(" or ")}`,
      });
    }
    return x;
  },
  reference([x, gate], _attrs, output) {
    const [batch, , , channels] = x.shape;
    const picture = x.data.length / batch;
    const full = gate.data.length === x.data.length;
    for (let i = 0; i < x.data.length; i++) {
      const factor = full ? gate.data[i] : gate.data[Math.floor(i / picture) * channels + (i % channels)];
      output.data[i] = x.data[i] * factor;
    }
  },
  gradient({ inputs: [x, gate], dy, shapeOf, add }) {
    const gateGrad = sameShape(shapeOf(gate), shapeOf(x)) ? "multiply" : "multiply_gate_grad";
    return [() => add("multiply", [dy, gate], {}), () => add(gateGrad, [dy, x], {})];
  },
};
