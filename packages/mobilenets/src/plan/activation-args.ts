import { EngineError } from "../errors.ts";
import type { Activation } from "../graph/activations.ts";
import { ACT } from "../kernels/signatures.ts";

interface ActivationArgs {
  readonly act: number;
  readonly min: number;
  readonly max: number;
}

const unbounded = { min: -Infinity, max: Infinity };

const args: Partial<Record<Activation, ActivationArgs>> = {
  linear: { act: ACT.none, ...unbounded },
  relu: { act: ACT.clamp, min: 0, max: Infinity },
  relu6: { act: ACT.clamp, min: 0, max: 6 },
  hard_swish: { act: ACT.hardSwish, ...unbounded },
  hard_sigmoid: { act: ACT.hardSigmoid, ...unbounded },
};

/** A kernel's `act`, `min` and `max` for an activation that it applies before it stores. */
export function activationArgs(node: string, activation: Activation): ActivationArgs {
  const found = args[activation];
  if (found) return found;
  throw new EngineError({
    where: node,
    found: `activation ${activation} inside a layer`,
    expected: "a pass to split it",
  });
}
