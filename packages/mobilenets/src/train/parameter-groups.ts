/** Parameters that one call of an optimiser's kernel updates together. */
export interface ParameterGroup {
  readonly names: readonly string[];
  /** Whether weight decay applies: to kernels, not to norms or biases. */
  readonly decays: boolean;
  /** Factor on the step's learning rate. */
  readonly rate: number;
}

/** Groups parameters, so that each group's parameters can be adjacent in memory. */
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
