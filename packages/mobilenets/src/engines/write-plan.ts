import type { Weights } from "../graph/graph.ts";
import { coreKernels, type KernelTable } from "../kernels/kernel-table.ts";
import { KERNEL_BITS, STEP_BYTES, WORD_BYTES } from "../kernels/signatures.ts";
import { bytesOfConstant, packConstant } from "../plan/constants.ts";
import { bytesOf } from "../plan/layout.ts";
import type { Step } from "../plan/plan.ts";
import { realsOf } from "../tensor.ts";
import { writeMap } from "./map-io.ts";
import type { MemoryMap } from "./memory-map.ts";
import { type Pack, packedByModule, panelPacker } from "./pack-by-module.ts";

/**
 * Writes step lists, packed weights and parameters into linear memory, which may still hold another plan's.
 * @param pack the function of a module on this memory
 * @param kernels the table of this module
 */
export function writePlan(
  map: MemoryMap,
  weights: Weights,
  buffer: ArrayBufferLike,
  pack: Pack,
  kernels: KernelTable = coreKernels,
): void {
  const packWhole = panelPacker(map, buffer, pack);
  for (const constant of map.plan.constants) {
    const out = new Uint8Array(buffer, constant.at, bytesOfConstant(constant));
    packConstant(constant, weights, out, packedByModule(constant) ? packWhole : undefined);
  }
  for (const resident of map.plan.residents) {
    new Uint8Array(buffer, resident.at, bytesOf(resident)).fill(0);
    if (resident.name in weights) writeMap(resident, realsOf(weights[resident.name]), buffer, 0);
  }
  // Step lists come last, because packing may use their memory.
  for (let worker = 0; worker < map.workers; worker++) writeSteps(map, worker, kernels, new DataView(buffer));
  if (map.workers > 1) {
    const words = map.words();
    new Int32Array(buffer, map.workersAt, words.length).set(words);
  }
}

function writeSteps(map: MemoryMap, worker: number, kernels: KernelTable, view: DataView): void {
  const { steps, arenaAt } = map.plan;
  const moved = (value: number) => (value >= arenaAt ? value + map.shift(worker) : value);
  steps.forEach((step, i) => {
    writeStep(step, kernels, map.stepsAt(worker) + i * STEP_BYTES, view, moved);
  });
}

/** Writes a step's record; `moved` maps an address of the plan to its place in memory. */
export function writeStep(
  { kernel, chunks, args }: Pick<Step, "kernel" | "chunks" | "args">,
  kernels: KernelTable,
  record: number,
  view: DataView,
  moved = (address: number) => address,
): void {
  view.setInt32(record, kernels.numberOf(kernel) | (chunks << KERNEL_BITS), true);
  let at = record;
  for (const [field, type] of kernels.fieldsOf(kernel)) {
    at += WORD_BYTES;
    const value = args[field];
    if (type === "f32") view.setFloat32(at, value, true);
    else view.setInt32(at, type === "ptr" ? moved(value) : value, true);
  }
}
