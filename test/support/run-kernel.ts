// Runs a single kernel on arrays in a separate memory, and checks that it does not write outside them.
import assert from "node:assert/strict";
import { writeStep } from "../../packages/mobilenets/src/engines/write-plan.ts";
import { kernelModule } from "../../packages/mobilenets/src/kernels/modules.ts";
import { type KernelArgs, type KernelName, STEP_BYTES } from "../../packages/mobilenets/src/kernels/signatures.ts";
import { trainingKernels } from "../../packages/mobilenets/src/kernels/training/table.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import { roundUp } from "../../packages/mobilenets/src/round-up.ts";

/** An array that a kernel reads or writes; afterwards it has the kernel's result. */
type Numbers = Float32Array | Int8Array | Uint8Array;

/** A kernel's arguments, with an array for each address; 0 for a missing one. */
export type Operands<K extends KernelName> = { readonly [F in keyof KernelArgs<K>]: number | Numbers };

interface Exports {
  run(steps: number, count: number): void;
  prepare(steps: number, count: number, epoch: number): void;
  work(steps: number, count: number, epoch: number, sync: number, block: number, rank: number, threads: number): number;
}

const STEP_AT = 128;
const SYNC_AT = 64;
/** Bytes between arrays, and their content: a NaN, which shows reads, and is checked after the run. */
const GAP = 256;
const MARK = 0xff;

/** @param chunks number of chunks; any number must give the same result */
export async function runKernel<K extends KernelName>(
  isa: Isa,
  kernel: K,
  operands: Operands<K>,
  chunks = 1,
): Promise<void> {
  const places = new Map<Numbers, number>();
  let end = STEP_AT + STEP_BYTES + GAP;
  for (const value of Object.values(operands) as (number | Numbers)[]) {
    if (typeof value === "number" || places.has(value)) continue;
    places.set(value, end);
    end = roundUp(end + value.byteLength, 64) + GAP;
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536), maximum: Math.ceil(end / 65536) });
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(MARK, STEP_AT + STEP_BYTES);
  const bytesOf = (array: Numbers) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (const [array, at] of places) bytes.set(bytesOf(array), at);

  const resolve = (value: number | Numbers) => (typeof value === "number" ? value : (places.get(value) as number));
  const args = Object.fromEntries(Object.entries(operands).map(([field, value]) => [field, resolve(value as Numbers)]));
  const module = await kernelModule(isa, false, "training");
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  writeStep({ kernel, chunks, args }, trainingKernels, STEP_AT, new DataView(memory.buffer));
  if (chunks === 1) exports.run(STEP_AT, 1);
  else {
    exports.prepare(STEP_AT, 1, 1);
    assert.equal(exports.work(STEP_AT, 1, 1, SYNC_AT, 0, 0, 1), 0);
  }

  let from = STEP_AT + STEP_BYTES;
  for (const [array, at] of [...places, [new Uint8Array(), bytes.length] as const]) {
    const touched = bytes.subarray(from, at).findIndex((byte) => byte !== MARK);
    assert.equal(touched, -1, `${kernel} wrote to byte ${touched} behind an operand`);
    bytesOf(array).set(bytes.subarray(at, at + array.byteLength));
    from = at + array.byteLength;
  }
}
