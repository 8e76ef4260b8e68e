/** Parameters that one call of an optimiser's kernel updates alike. */
export interface ParameterGroup {
  readonly names: readonly string[];
  /** Whether weight decay pulls at them: kernels, not norms or biases. */
  readonly decays: boolean;
  /** Their learning rate relative to the step's. */
  readonly rate: number;
}

/** Groups in an order of their own, so that each group's parameters can lie side by side in memory. */
export function parameterGroups(
  parameters: readonly string[],
  rateOf: (parameter: string) => number = () => 1,
): readonly ParameterGroup[] {
  const groups = new Map<string, { names: string[]; decays: boolean; rate: number }>();
  for (const name of parameters) {
    const decays = /(^|_)kernel$/.test(name.slice(name.lastIndexOf("/") + 1));
    const rate = rateOf(name);
    const key = `${decays} ${rate}`;
    const group = groups.get(key) ?? { names: [], decays, rate };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}
