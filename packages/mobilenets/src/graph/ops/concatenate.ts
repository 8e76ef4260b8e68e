import { GraphError } from "../../errors.ts";
import { formatShape, sameShape } from "../../tensor.ts";
import type { Op } from "../op.ts";

/** Inputs: two or more values [..., c] of one shape except the channels; result: their channels one after the other. */
export const concatenate: Op = {
  name: "concatenate",
  layer: () => "Concatenate",
  check(_attrs, inputs) {
    if (inputs >= 2) return;
    throw new GraphError({ where: "concatenate", found: `number of inputs ${inputs}`, expected: "2 or more" });
  },
  shape(inputs) {
    const [first] = inputs;
    const rest = first.slice(0, -1);
    for (const other of inputs) {
      if (sameShape(other.slice(0, -1), rest)) continue;
      const found = `${formatShape(first)} beside ${formatShape(other)}`;
      throw new GraphError({ where: "concatenate", found, expected: "equal shapes but for the last axis" });
    }
    return [...rest, inputs.reduce((sum, shape) => sum + (shape.at(-1) as number), 0)];
  },
  reference(inputs, _attrs, output) {
    const channels = output.shape.at(-1) as number;
    let begin = 0;
    for (const { data, shape } of inputs) {
      const size = shape.at(-1) as number;
      for (let i = 0; i < data.length; i++) output.data[Math.floor(i / size) * channels + begin + (i % size)] = data[i];
      begin += size;
    }
  },
  gradient({ inputs, dy, shapeOf, add }) {
    let end = 0;
    return inputs.map((input) => {
      const size = shapeOf(input).at(-1) as number;
      const begin = end;
      end += size;
      return () => add("slice_channels", [dy], { begin, size });
    });
  },
};
