import type { Engine } from "../../packages/mobilenets/src/engines/engine.ts";
import { reference } from "../../packages/mobilenets/src/engines/reference.ts";
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";

export interface Candidate {
  readonly label: string;
  readonly engine: Engine;
  /** How far it may be off, relative to a tensor's largest value. */
  readonly tolerance: number;
}

/** Engines held against the oracles. */
export const candidates: readonly Candidate[] = [
  { label: "reference", engine: reference, tolerance: 1e-5 },
  { label: "wasm-simd", engine: wasm({ isa: "simd", threads: 1 }), tolerance: 1e-4 },
  ...(supports("relaxed")
    ? [{ label: "wasm-relaxed", engine: wasm({ isa: "relaxed", threads: 1 }), tolerance: 1e-4 }]
    : []),
];
