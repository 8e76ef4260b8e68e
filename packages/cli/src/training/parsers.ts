import { InvalidArgumentError } from "commander";
import type { Optimiser, Schedule } from "mobilenets/train";
import { toNumber } from "../numbers.ts";

/** Optimisers by name, with the usual constants of papers and libraries. */
export const optimisers = {
  sgd: { kind: "sgd", momentum: 0.9 },
  nesterov: { kind: "sgd", momentum: 0.9, nesterov: true },
  /** The MobileNets were trained with epsilon 1. */
  rmsprop: { kind: "rmsprop", rho: 0.9, momentum: 0.9, epsilon: 1 },
  adam: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  adamw: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true },
} as const satisfies Record<string, Optimiser>;

export type OptimiserName = keyof typeof optimisers;

export const SCHEDULES = "constant, cosine, one-cycle, exponential:FACTOR, step:FACTOR:EPOCHS";

/** `cosine`, `exponential:0.98` (each epoch), `step:0.1:30` (every 30 epochs) */
export function toSchedule(text: string): Schedule {
  const [kind, ...rest] = text.split(":");
  const numbers = rest.map(toNumber);
  const [factor, every] = numbers;
  if (kind === "exponential" && numbers.length === 1) return { kind, factor };
  if (kind === "step" && numbers.length === 2) return { kind, factor, every };
  if ((kind === "constant" || kind === "cosine" || kind === "one-cycle") && numbers.length === 0) return { kind };
  throw new InvalidArgumentError(`Expected one of ${SCHEDULES}.`);
}

/** Parses a share, from 0 to below 1. */
export function toShare(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("Expected a number from 0 to below 1.");
}

export function toNonNegative(text: string): number {
  const value = toNumber(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError("Expected a number of 0 or more.");
}

export function toPositive(text: string): number {
  const value = toNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** `balanced`, or a number for each class */
export function toClassWeights(text: string): "balanced" | readonly number[] {
  return text === "balanced" ? text : text.split(",").map(toNumber);
}
