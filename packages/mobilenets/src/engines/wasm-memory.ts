import type { Weights } from "../graph/graph.ts";
import { kernelNames, STEP_BYTES, signatures } from "../kernels/signatures.ts";
import { packConstant, sizeOfConstant } from "../plan/constants.ts";
import { type MapLayout, originOf, pitchOf } from "../plan/layout.ts";
import type { Placed, Plan } from "../plan/plan.ts";

/** Writes a plan's step list and packed weights into linear memory. */
export function writePlan(plan: Plan, weights: Weights, buffer: ArrayBufferLike): void {
  const view = new DataView(buffer);
  plan.steps.forEach(({ kernel, args }, i) => {
    const at = plan.stepsAt + i * STEP_BYTES;
    view.setInt32(at, kernelNames.indexOf(kernel), true);
    Object.entries(signatures[kernel]).forEach(([field, type], j) => {
      const address = at + 4 * (j + 1);
      if (type === "f32") view.setFloat32(address, args[field], true);
      else view.setInt32(address, args[field], true);
    });
  });
  for (const constant of plan.constants) {
    packConstant(constant, weights, new Float32Array(buffer, constant.at, sizeOfConstant(constant)));
  }
}

/** Copies one picture's values, densely packed `[height, width, channels]`, into a map. */
export function writeMap(map: Placed<MapLayout>, values: Float32Array, buffer: ArrayBufferLike): void {
  eachRun(map, buffer, (run, at) => run.set(values.subarray(at, at + run.length)));
}

/** The reverse of `writeMap`. */
export function readMap(map: Placed<MapLayout>, buffer: ArrayBufferLike, values: Float32Array): void {
  eachRun(map, buffer, (run, at) => values.set(run, at));
}

/** Visits the contiguous stretches of a map: rows where channels are not padded, else pixels. */
function eachRun(
  map: Placed<MapLayout>,
  buffer: ArrayBufferLike,
  visit: (run: Float32Array, at: number) => void,
): void {
  const { height, width, channels, cs } = map;
  const dense = cs === channels;
  const length = dense ? width * channels : channels;
  const runs = dense ? 1 : width;
  for (let y = 0; y < height; y++) {
    const row = map.at + originOf(map) + y * pitchOf(map);
    for (let i = 0; i < runs; i++) {
      visit(new Float32Array(buffer, row + 4 * i * cs, length), (y * runs + i) * length);
    }
  }
}
