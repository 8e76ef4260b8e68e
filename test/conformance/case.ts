import type { GraphBuilder } from "../../packages/mobilenets/src/graph/builder.ts";
import type { Graph } from "../../packages/mobilenets/src/graph/graph.ts";
import { rescaling } from "../../packages/mobilenets/src/graph/ops/rescaling.ts";
import { enableImported } from "../../packages/mobilenets/src/plan/lower/imported.ts";
import { enableTraining } from "../../packages/mobilenets/src/plan/lower/training.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";
import { graphOf } from "../support/graph-of.ts";

/** A graph that every engine must compute as the reference engine does, with random weights and pictures. */
export interface Case {
  /** Unique; says what is special about the graph. */
  readonly name: string;
  readonly graph: Graph;
  /** Pictures in one call. */
  readonly batch: number;
}

export function caseOf(
  name: string,
  inputShape: Shape,
  build: (b: GraphBuilder) => string | readonly string[],
  batch = 1,
): Case {
  return { name, graph: graphOf(inputShape, build), batch };
}

/** A graph for training: its own shapes have the batch, over which it sums. */
export function trainingCaseOf(
  name: string,
  inputShape: Shape,
  build: (b: GraphBuilder) => string | readonly string[],
  batch: number,
): Case {
  enableTraining();
  enableImported();
  return { name, graph: graphOf(inputShape, build, batch), batch };
}

/**
 * The input as a value that a layer made. Engines may lay out a picture and a layer's result differently; the offset
 * also makes sure that whatever lies between channels or around the picture is not zero by chance.
 */
export function inner(b: GraphBuilder): string {
  return b.add(rescaling, "inner", [b.input], { scale: 0.8, offset: 0.15 });
}

/** Sizes around those that kernels like: one, odd, just below and above multiples of 4, 8 and 16. */
export const channelCounts = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 20, 33];
