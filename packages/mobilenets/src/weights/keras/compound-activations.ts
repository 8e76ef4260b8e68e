// Keras' activations that are an op of their own here, or arithmetic with functions of our ops.
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { multiply } from "../../graph/ops/multiply.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { sliceChannels } from "../../graph/ops/slice_channels.ts";
import { unary } from "../../graph/ops/unary.ts";
import { formatShape } from "../../tensor.ts";
import type { KerasLayer } from "./layer.ts";
import { subtract } from "./merges.ts";
import type { KerasProgramBuilder } from "./program.ts";

/** Adds the function of the value `x` under the name `name`. */
type AddCompound = (b: KerasProgramBuilder, name: string, x: string, layer: KerasLayer) => void;

const affine = (b: KerasProgramBuilder, name: string, x: string, scale: number, offset: number): string => {
  b.add(rescaling, name, [x], { scale, offset });
  return name;
};

const relu = (b: KerasProgramBuilder, name: string, x: string): string => {
  b.add(activation, name, [x], { activation: "relu" });
  return name;
};

/** Adds x clipped to `least` and `most`. */
function clip(b: KerasProgramBuilder, name: string, x: string, least: number, most: number): string {
  const factor = 6 / (most - least);
  const to6 = affine(b, `${name}/to_6`, x, factor, -least * factor);
  b.add(activation, `${name}/relu6`, [to6], { activation: "relu6" });
  return affine(b, name, `${name}/relu6`, 1 / factor, least);
}

/** Threshold of Keras' `hard_shrink` and `soft_shrink`: configs only have the default. */
const THRESHOLD = 0.5;

/** Activations by Keras' name. */
export const compounds = {
  hard_tanh: (b, name, x) => clip(b, name, x, -1, 1),
  /** x - tanh(x) */
  tanh_shrink(b, name, x) {
    b.add(unary, `${name}/tanh`, [x], { function: "tanh" });
    subtract(b, name, [x, `${name}/tanh`]);
  },
  log_softmax(b, name, x) {
    b.add(logSoftmax, name, [x], {});
  },
  /** -softplus(-x) */
  log_sigmoid(b, name, x) {
    affine(b, `${name}/minus`, x, -1, 0);
    b.add(unary, `${name}/softplus`, [`${name}/minus`], { function: "softplus" });
    affine(b, name, `${name}/softplus`, -1, 0);
  },
  /** relu(x - 1/2) - relu(-x - 1/2) */
  soft_shrink(b, name, x) {
    const above = relu(b, `${name}/above`, affine(b, `${name}/less`, x, 1, -THRESHOLD));
    const below = relu(b, `${name}/below`, affine(b, `${name}/minus_less`, x, -1, -THRESHOLD));
    subtract(b, name, [above, below]);
  },
  /** A parabola from -1 to 1: (clip(x, -1, 1) + 1)^2 / 4 + relu(x - 1). */
  sparse_plus(b, name, x) {
    const half = affine(b, `${name}/half`, clip(b, `${name}/inner`, x, -1, 1), 0.5, 0.5);
    b.add(multiply, `${name}/parabola`, [half, half], {});
    const above = relu(b, `${name}/above`, affine(b, `${name}/less`, x, 1, -1));
    b.add(add, name, [`${name}/parabola`, above], {});
  },
  /** The first half of the channels times the sigmoid of the second. */
  glu(b, name, x, layer) {
    const shape = b.shapeOf(x);
    const size = (shape.at(-1) as number) / 2;
    if (!Number.isInteger(size)) layer.refuse(`glu of ${formatShape(shape)}`, "an even number of channels");
    for (const [part, begin] of [
      ["half", 0],
      ["other", size],
    ] as const) {
      b.add(sliceChannels, `${name}/${part}`, [x], { begin, size });
    }
    b.add(activation, `${name}/gate`, [`${name}/other`], { activation: "sigmoid" });
    b.add(multiply, name, [`${name}/half`, `${name}/gate`], {});
  },
  /** Keras 2's and TensorFlow.js' `hard_sigmoid`: 0.2 x + 0.5, between 0 and 1. */
  steep_hard_sigmoid(b, name, x) {
    b.add(activation, `${name}/relu6`, [affine(b, `${name}/to_6`, x, 1.2, 3)], { activation: "relu6" });
    affine(b, name, `${name}/relu6`, 1 / 6, 0);
  },
} satisfies Record<string, AddCompound>;

export type Compound = keyof typeof compounds;

export const compoundNames = Object.keys(compounds) as readonly Compound[];

export const addCompound: Record<Compound, AddCompound> = compounds;
