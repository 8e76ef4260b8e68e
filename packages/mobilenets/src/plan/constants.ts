import type { Weights } from "../graph/graph.ts";
import { panelBytes, panelsOf, VECTOR_BYTES } from "../kernels/geometry.ts";
import { roundUp } from "../round-up.ts";
import { type PackedWeights, type PackWhole, packPanels } from "./pack-panels.ts";

/** Weights in a kernel's order. */
export type Constant = PackedWeights | NormConstant;

/** Scale or shift of a batch norm that is not folded: a float per channel. */
export interface NormConstant {
  readonly kind: "norm-scale" | "norm-shift";
  readonly params: readonly [gamma: string, beta: string, mean: string, variance: string];
  readonly epsilon: number;
  readonly channels: number;
}

/** Size of a constant in bytes. */
export function bytesOfConstant(c: Constant): number {
  if (c.kind !== "panels") return roundUp(c.channels * Float32Array.BYTES_PER_ELEMENT, VECTOR_BYTES);
  return panelsOf(c.geometry, c.shape[3]) * panelBytes(c.geometry, c.shape);
}

/**
 * Fills `out`, of the length of `bytesOfConstant`, from the weights.
 * @param packWhole see `packPanels`
 */
export function packConstant(c: Constant, weights: Weights, out: Uint8Array, packWhole?: PackWhole): void {
  if (c.kind === "panels") {
    packPanels(c, weights[c.kernel], c.bias === null ? null : weights[c.bias].data, out, packWhole);
    return;
  }
  const [gamma, beta, mean, variance] = c.params.map((name) => weights[name].data);
  const numbers = new Float32Array(out.buffer, out.byteOffset, out.length / Float32Array.BYTES_PER_ELEMENT);
  numbers.fill(0);
  for (let i = 0; i < c.channels; i++) {
    const scale = gamma[i] / Math.sqrt(variance[i] + c.epsilon);
    numbers[i] = c.kind === "norm-scale" ? scale : beta[i] - mean[i] * scale;
  }
}
