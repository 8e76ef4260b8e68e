import { ACT } from "../signatures.ts";
import { f32x4, get, i32, set } from "../wat.ts";

const zero = "(v128.const i32x4 0 0 0 0)";
const between = (x: string, low: string, high: string) => `(v128.and (f32x4.gt ${x} ${low}) (f32x4.lt ${x} ${high}))`;

/**
 * Multiplies the vector in local `$dy` with the slope, where its argument is `pre`, of the activation that `$act` names
 * by its `SLOPE`. At a corner the slope is 0, as PyTorch has it. Needs the local `$t` for the argument.
 */
export function activationSlope(dy: string, pre: string, t: string): string {
  const t_ = get(t);
  const masked = (mask: string, value: string) => set(dy, `(v128.and ${value} ${mask})`);
  const clamp = masked(`(f32x4.gt ${t_} ${zero})`, get(dy));
  const clamp6 = masked(between(t_, zero, f32x4(6)), get(dy));
  const hardSigmoid = masked(between(t_, f32x4(-3), f32x4(3)), `(f32x4.mul ${get(dy)} ${f32x4(1 / 6)})`);
  // Below -3 the slope is 0, above 3 it is 1, between x / 3 + 1/2.
  const line = `(f32x4.add (f32x4.mul ${t_} ${f32x4(1 / 3)}) ${f32x4(0.5)})`;
  const middle = `(v128.bitselect ${line} ${f32x4(1)} (f32x4.lt ${t_} ${f32x4(3)}))`;
  const hardSwish = masked(`(f32x4.gt ${t_} ${f32x4(-3)})`, `(f32x4.mul ${get(dy)} ${middle})`);
  const cases: readonly (readonly [number, string])[] = [
    [SLOPE.relu, clamp],
    [SLOPE.relu6, clamp6],
    [SLOPE.hardSwish, hardSwish],
    [SLOPE.hardSigmoid, hardSigmoid],
  ];
  const chosen = cases.reduceRight(
    (otherwise, [code, then]) => `(if (i32.eq ${get("act")} ${i32(code)}) (then ${then}) (else ${otherwise}))`,
    "",
  );
  return `(if ${get("act")} (then ${set(t, pre)} ${chosen}))`;
}

/** Values of `act` where a slope is wanted: ReLU and ReLU6 differ, unlike in `ACT`, which clamps for both. */
export const SLOPE = {
  none: 0,
  relu: 1,
  hardSwish: ACT.hardSwish,
  hardSigmoid: ACT.hardSigmoid,
  relu6: 4,
  sigmoid: 5,
} as const;
