import type { EngineName } from "../../packages/mobilenets/src/engines/select.ts";

/** Engines held against the oracles, and how far they may be off, relative to a tensor's largest value. */
export const engines: readonly { readonly name: EngineName; readonly tolerance: number }[] = [
  { name: "reference", tolerance: 1e-5 },
];
