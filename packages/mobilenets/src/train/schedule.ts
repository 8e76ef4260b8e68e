import { OptionError } from "../errors.ts";

/** How the learning rate continues from its peak after the warm-up. */
export type Schedule =
  | { readonly kind: "constant" }
  /** Half a cosine from the peak down to `final` of it (default 0) at the last step. Loshchilov & Hutter 2017. */
  | { readonly kind: "cosine"; readonly final?: number }
  /** Falls smoothly by `factor` per `every` epochs (default 1): V2's paper has 0.98 per epoch. */
  | { readonly kind: "exponential"; readonly factor: number; readonly every?: number }
  /** Falls by `factor` at each multiple of `every` epochs. */
  | { readonly kind: "step"; readonly factor: number; readonly every: number }
  /**
   * Rises from 1/25 of the peak over the share `rise` of all steps (default 0.3), then falls to 1/250,000 of it, both along
   * half a cosine: Smith & Topin 2018 as in fastai and PyTorch, which also change the momentum; this does not.
   */
  | { readonly kind: "one-cycle"; readonly rise?: number };

/** A learning rate for each step, as plain data. */
export interface LearningRate {
  /** The highest rate; the schedule falls from it. */
  readonly peak: number;
  /** Default `constant`. */
  readonly schedule?: Schedule;
  /** Epochs, or a fraction of one, over which the rate first rises linearly to the peak. Default 0. */
  readonly warmup?: number;
}

/** The length of training in optimiser steps. */
export interface Length {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** @throws OptionError for a value out of range; it names the value */
export function checkLearningRate({ peak, schedule, warmup = 0 }: LearningRate, epochs: number): void {
  const need = (ok: boolean, where: string, found: number, expected: string) => {
    if (!ok) throw new OptionError({ where, found: String(found), expected });
  };
  need(peak > 0 && Number.isFinite(peak), "learning rate", peak, "a number > 0");
  need(warmup >= 0 && warmup < epochs, "warm-up", warmup, `0 to less than the ${epochs} epochs of training`);
  if (schedule?.kind === "exponential" || schedule?.kind === "step") {
    const { factor, every = 1 } = schedule;
    need(factor > 0 && factor <= 1, `${schedule.kind}: factor`, factor, "above 0, at most 1");
    need(every > 0, `${schedule.kind}: every`, every, "a number > 0");
  }
  if (schedule?.kind === "cosine") {
    const { final = 0 } = schedule;
    need(final >= 0 && final <= 1, "cosine: final", final, "0 to 1");
  }
  if (schedule?.kind === "one-cycle") {
    const { rise = RISE } = schedule;
    need(rise > 0 && rise < 1, "one-cycle: rise", rise, "between 0 and 1");
  }
}

/** @param step from 0 */
export function learningRateAt({ peak, schedule, warmup = 0 }: LearningRate, step: number, length: Length): number {
  const rising = Math.round(warmup * length.stepsPerEpoch);
  if (step < rising) return (peak * (step + 1)) / rising;
  return peak * share(schedule ?? { kind: "constant" }, step - rising, length.steps - rising, length.stepsPerEpoch);
}

const RISE = 0.3;
/** Defaults of the one-cycle schedule in fastai and PyTorch. */
const FIRST = 1 / 25;
const LAST = FIRST / 1e4;

/** The share of the peak at a step counted from the end of warm-up. */
function share(schedule: Schedule, step: number, steps: number, stepsPerEpoch: number): number {
  const epochs = step / stepsPerEpoch;
  /** 0 at the first step, 1 at the last. */
  const done = steps > 1 ? step / (steps - 1) : 0;
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "cosine":
      return between(1, schedule.final ?? 0, done);
    case "exponential":
      return schedule.factor ** (epochs / (schedule.every ?? 1));
    case "step":
      return schedule.factor ** Math.floor(epochs / schedule.every);
    case "one-cycle": {
      const rise = schedule.rise ?? RISE;
      return done < rise ? between(FIRST, 1, done / rise) : between(1, LAST, (done - rise) / (1 - rise));
    }
  }
}

/** From `a` to `b` along half a cosine, for `at` from 0 to 1. */
function between(a: number, b: number, at: number): number {
  return b + ((a - b) * (1 + Math.cos(Math.PI * at))) / 2;
}
