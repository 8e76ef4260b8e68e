import { activationFunction, type Nonlinear } from "mobilenets/graph";

/** A function of one number, and its drawing. */
export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
  /** Position of its name. */
  readonly at: readonly [x: number, y: number];
  readonly f: (x: number) => number;
}

const sigmoid = activationFunction("sigmoid");

const relu: Curve = { name: "ReLU", color: "var(--c3)", at: [5.2, 6.9], f: activationFunction("relu") };
const relu6: Curve = { name: "ReLU6", color: "var(--c1)", at: [7, 5.4], f: activationFunction("relu6") };

/** Each nonlinear function with those for comparison. */
export const curveSets: Readonly<Record<Exclude<Nonlinear, "sigmoid">, readonly Curve[]>> = {
  relu: [relu],
  relu6: [relu, relu6],
  hard_swish: [
    relu6,
    { name: "swish", color: "var(--c0)", dashed: true, at: [-5, -0.75], f: (x) => x * sigmoid(x) },
    { name: "h-swish", color: "var(--c2)", at: [-3.4, 0.75], f: activationFunction("hard_swish") },
  ],
  hard_sigmoid: [
    { name: "sigmoid", color: "var(--c0)", dashed: true, at: [-4.6, 0.17], f: sigmoid },
    { name: "hard sigmoid", color: "var(--c2)", at: [4.9, 0.74], f: activationFunction("hard_sigmoid") },
  ],
};
