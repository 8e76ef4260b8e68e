import { code, f32x4, get, i32, i32x4, set, v128, when } from "../instructions.ts";
import { SLOPE } from "./signatures.ts";

const zero = i32x4(0);
const between = (x: string, low: string, high: string) => v128.and(f32x4.gt(x, low), f32x4.lt(x, high));

/** A gradient to multiply by an activation's derivative. */
export interface Passing {
  /** The local of the gradient. */
  readonly dy: string;
  /** The input of the activation. */
  readonly pre: string;
  /** A temporary local. */
  readonly t: string;
}

/**
 * Multiplies each gradient by the derivative at `pre` of the activation whose `SLOPE` is in `$act`. At a kink the
 * derivative is 0, as in PyTorch.
 */
export function activationSlope(gradients: readonly Passing[]): string {
  const all = (slope: (dy: string, t: string) => string) =>
    code(gradients.map(({ dy, t }) => set(dy, slope(get(dy), get(t)))));
  const masked = (mask: string, value: string) => v128.and(value, mask);
  // The derivative of hard swish is 0 below -3, 1 above 3, and x / 3 + 1/2 between.
  const line = (t: string) => f32x4.add(f32x4.mul(t, f32x4(1 / 3)), f32x4(0.5));
  const middle = (t: string) => v128.bitselect(line(t), f32x4(1), f32x4.lt(t, f32x4(3)));
  const cases: readonly (readonly [number, string])[] = [
    [SLOPE.relu, all((dy, t) => masked(f32x4.gt(t, zero), dy))],
    [SLOPE.relu6, all((dy, t) => masked(between(t, zero, f32x4(6)), dy))],
    [SLOPE.hardSwish, all((dy, t) => masked(f32x4.gt(t, f32x4(-3)), f32x4.mul(dy, middle(t))))],
    [SLOPE.hardSigmoid, all((dy, t) => masked(between(t, f32x4(-3), f32x4(3)), f32x4.mul(dy, f32x4(1 / 6))))],
  ];
  const chosen = cases.reduceRight(
    (otherwise, [activation, then]) => when(i32.eq(get("act"), i32(activation)), then, otherwise),
    "",
  );
  return when(
    get("act"),
    code(
      gradients.map(({ t, pre }) => set(t, pre)),
      chosen,
    ),
  );
}
