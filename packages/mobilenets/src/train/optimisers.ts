import type { KernelArgs, KernelName } from "../kernels/signatures.ts";
import type { Optimiser } from "./step.ts";

/** A number per weight that an optimiser keeps: `m` is a momentum or mean, `s` a mean of squares. */
export type Slot = "m" | "s";

/** The kernel arguments of one update, besides addresses. */
export interface Rates {
  readonly rate: number;
  /** Weight decay, 0 for parameters that do not decay. */
  readonly decay: number;
  /** Factor on the gradient, from clipping and the mean over accumulated batches. */
  readonly scale: number;
  /** This update's number, from 1. */
  readonly step: number;
}

export interface UpdateRule {
  readonly kernel: KernelName & ("f32-sgd" | "f32-rmsprop" | "f32-adam");
  readonly slots: readonly Slot[];
  scalars(rates: Rates): Partial<KernelArgs<"f32-sgd"> & KernelArgs<"f32-rmsprop"> & KernelArgs<"f32-adam">>;
}

/** The kernel call of each optimiser; its type and its kernel have the formulas. */
export function updateRule(o: Optimiser): UpdateRule {
  switch (o.kind) {
    case "sgd":
      return {
        kernel: "f32-sgd",
        slots: ["m"],
        scalars: ({ rate, decay, scale }) => ({
          rate,
          decay,
          scale,
          momentum: o.momentum,
          look: o.nesterov ? o.momentum : 1,
          now: o.nesterov ? 1 : 0,
        }),
      };
    case "rmsprop":
      return {
        kernel: "f32-rmsprop",
        slots: ["m", "s"],
        scalars: ({ rate, decay, scale }) => ({
          rate,
          decay,
          scale,
          momentum: o.momentum,
          rho: o.rho,
          rest: 1 - o.rho,
          epsilon: o.epsilon,
        }),
      };
    case "adam":
      return {
        kernel: "f32-adam",
        slots: ["m", "s"],
        scalars: ({ rate, decay, scale, step }) => ({
          rate: rate / (1 - o.beta1 ** step),
          decay: o.decoupled ? 0 : decay,
          scale,
          beta1: o.beta1,
          rest1: 1 - o.beta1,
          beta2: o.beta2,
          rest2: 1 - o.beta2,
          root: 1 / Math.sqrt(1 - o.beta2 ** step),
          epsilon: o.epsilon,
          keep: o.decoupled ? 1 - rate * decay : 1,
        }),
      };
  }
}
