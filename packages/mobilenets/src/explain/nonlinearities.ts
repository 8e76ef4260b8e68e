import { activationNames, type ElementwiseActivation } from "../graph/activations.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { activationOf } from "../graph/ops.ts";
import { sizeOf } from "../tensor.ts";
import type { Block } from "./blocks.ts";

/** An activation that is a nonlinear function of one number. */
export type Nonlinear = Exclude<ElementwiseActivation, "linear">;

/** The computation of a nonlinear function. */
export interface Formula {
  readonly text: string;
  /** The operations for one number, in order. */
  readonly operations: readonly ("add" | "divide" | "exp" | "max" | "min" | "multiply" | "negate")[];
}

/** relu6: Howard et al. 2017; hard_sigmoid and hard_swish: Howard et al. 2019, section 5.2. `1/6` is a constant factor. */
export const formulas: Readonly<Record<Nonlinear, Formula>> = {
  relu: { text: "max(x, 0)", operations: ["max"] },
  relu6: { text: "min(max(x, 0), 6)", operations: ["max", "min"] },
  hard_sigmoid: { text: "relu6(x + 3) / 6", operations: ["add", "max", "min", "multiply"] },
  hard_swish: { text: "x * relu6(x + 3) / 6", operations: ["add", "max", "min", "multiply", "multiply"] },
  sigmoid: { text: "1 / (1 + exp(-x))", operations: ["negate", "exp", "add", "divide"] },
};

/** A layer's place: a block, before the first block (`stem`) or after the last (`head`). */
export interface NonlinearityPlace {
  readonly layer: string;
  /** A block's name, `stem` or `head`. */
  readonly place: string;
  /** Inputs of the function for one picture. */
  readonly values: number;
}

/** The places of one nonlinear function in a network, and its number of inputs. */
export interface NonlinearityUse extends Formula {
  readonly activation: Nonlinear;
  readonly places: readonly NonlinearityPlace[];
  /** Number of inputs for one picture. */
  readonly values: number;
}

/** The nonlinear functions of a network, each with its places in the order of the data, without the classifier's softmax. */
export function nonlinearitiesOf(graph: Graph, blocks: readonly Block[]): readonly NonlinearityUse[] {
  const blockOf = new Map(blocks.flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const)));
  const firstOf = blocks[0]?.layers[0];
  const uses = new Map<Nonlinear, NonlinearityPlace[]>();
  let outside = "stem";
  for (const node of graph.nodes) {
    if (node.name === firstOf) outside = "head";
    const name = nonlinearityOf(node);
    if (!name) continue;
    const place = { layer: node.name, place: blockOf.get(node.name) ?? outside, values: sizeOf(node.shape) };
    uses.set(name, [...(uses.get(name) ?? []), place]);
  }
  return activationNames.flatMap((name) => {
    const places = uses.get(name as Nonlinear);
    if (!places) return [];
    const values = places.reduce((sum, place) => sum + place.values, 0);
    return [{ activation: name as Nonlinear, ...formulas[name as Nonlinear], places, values }];
  });
}

function nonlinearityOf(node: Node): Nonlinear | undefined {
  const name = activationOf(node);
  return name === "linear" || name === "softmax" ? undefined : name;
}
