import type { Engine } from "../../packages/mobilenets/src/engines/engine.ts";
import { onnxruntime } from "../../packages/mobilenets/src/engines/onnxruntime.ts";
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import { onnxRuntimes } from "../support/onnx-runtimes.ts";

export interface EngineUnderTest {
  readonly name: string;
  readonly engine: Engine;
  /** Why this host cannot run it at all; undefined where it can. */
  readonly absent?: string;
  /** Names of cases that it cannot run, with the reason. */
  readonly skips: Readonly<Record<string, string>>;
  /** Whole groups of cases that it cannot run, with the reason. */
  readonly groupSkips?: Readonly<Record<string, string>>;
}

const relaxed = supports("relaxed");

/** One instruction set on some threads; more threads than the machine has cores are as right, if slower. */
function wasmWith(isa: Isa, threads: number): EngineUnderTest {
  return {
    name: threads === 1 ? `wasm-${isa}` : `wasm-${isa} on ${threads} threads`,
    engine: wasm({ isa, threads }),
    absent: isa === "relaxed" && !relaxed ? `${process.version} has no relaxed SIMD` : undefined,
    skips: {},
  };
}

/** All are held against the reference engine, which is the specification. */
export const engines: readonly EngineUnderTest[] = [
  wasmWith("simd", 1),
  wasmWith("simd", 2),
  wasmWith("simd", 3),
  wasmWith("simd", 4),
  wasmWith("relaxed", 1),
  wasmWith("relaxed", 2),
  ...onnxRuntimes.map(({ name, load, absent }) => ({
    name: `onnxruntime by ${name}`,
    engine: onnxruntime({ threads: 1, load }),
    absent,
    skips: {},
    groupSkips: { training: "ONNX Runtime does not train", imported: "not written as ONNX" },
  })),
];

/** Set where the host is meant to have relaxed SIMD, so that a test run there cannot silently leave it out. */
export const relaxedExpected = process.env.MOBILENETS_EXPECT_RELAXED === "1";
