import { allocate } from "../../packages/mobilenets/src/engines/allocate.ts";
import { writeMap } from "../../packages/mobilenets/src/engines/map-io.ts";
import { MemoryMap } from "../../packages/mobilenets/src/engines/memory-map.ts";
import type { Pack } from "../../packages/mobilenets/src/engines/pack-by-module.ts";
import { type SimdBits, tileChoice } from "../../packages/mobilenets/src/engines/simd-bits.ts";
import { TiledSteps } from "../../packages/mobilenets/src/engines/tiled-steps.ts";
import { writePlan } from "../../packages/mobilenets/src/engines/write-plan.ts";
import type { Node, Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { conv2d } from "../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { dense } from "../../packages/mobilenets/src/graph/ops/dense.ts";
import { depthwiseConv2d } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { is } from "../../packages/mobilenets/src/graph/ops.ts";
import { summarise } from "../../packages/mobilenets/src/graph/summary.ts";
import { multiplies } from "../../packages/mobilenets/src/kernels/geometry.ts";
import { coreKernels } from "../../packages/mobilenets/src/kernels/kernel-table.ts";
import { kernelModule } from "../../packages/mobilenets/src/kernels/modules.ts";
import { STEP_BYTES } from "../../packages/mobilenets/src/kernels/signatures.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import { optimiseForPacking } from "../../packages/mobilenets/src/passes/optimise.ts";
import { compile } from "../../packages/mobilenets/src/plan/compile.ts";
import { picture } from "../picture.ts";
import { bestTime } from "./peak.ts";

/** The time of a layer's kernel call with warm caches. */
export interface LayerTime {
  readonly kernel: string;
  /** `3x3/2 3>32, 112x112`: window, stride, channels, output size. */
  readonly shape: string;
  readonly macs: number;
  readonly ms: number;
}

export interface NetworkTime {
  readonly layers: readonly LayerTime[];
  /** Time of one whole run. */
  readonly ms: number;
  /** Multiply-adds of the whole network. */
  readonly macs: number;
}

/** Least milliseconds of a sample: shorter times are dominated by the clock. */
const SAMPLE_MS = 0.3;

/** Samples of a layer, and of the whole network, per round. */
const SAMPLES = 10;

/**
 * Times every multiplying kernel call of a program on one thread, with tiles of `bits`. It works in rounds, because other
 * work of the machine slows it down for tenths of a second, longer than all samples of a small layer.
 */
export async function timeLayers(
  program: Program,
  isa: Isa,
  rounds: number,
  warmUpMs: number,
  simdBits: SimdBits,
): Promise<NetworkTime> {
  const { graph, weights } = optimiseForPacking(program);
  const plan = compile(graph);
  const map = new MemoryMap(plan, 1);
  const memory = allocate(graph.name, map.bytes, false);
  const { exports } = new WebAssembly.Instance(await kernelModule(isa, false), { env: { memory } });
  writePlan(map, weights, memory.buffer, exports.pack as Pack);
  writeMap(plan.input, picture(), memory.buffer, 0);
  const run = exports.run as (steps: number, count: number) => void;
  const runner = { buffer: memory.buffer, run, runAlone: run };
  new TiledSteps(map, coreKernels, tileChoice(isa, simdBits), runner).update();
  const whole = () => run(plan.stepsAt, plan.steps.length);

  for (const end = performance.now() + warmUpMs; performance.now() < end; ) whole();
  const summary = summarise(graph);
  const macs = new Map(summary.layers.map((layer) => [layer.name, layer.macs]));
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  let ms = Number.POSITIVE_INFINITY;
  const best = plan.steps.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    ms = Math.min(ms, bestTime(whole, SAMPLES));
    // In order, each repeated in place: a step's input is its predecessor's result, which the next step may overwrite.
    for (let i = 0; i < best.length; i++) {
      const step = () => run(plan.stepsAt + i * STEP_BYTES, 1);
      if (multiplies(plan.steps[i].kernel)) best[i] = Math.min(best[i], timeRepeated(step));
      else step();
    }
  }
  const layers = plan.steps.flatMap((step, i) => {
    const { node, kernel } = step;
    if (!multiplies(kernel)) return [];
    const shape = shapeOf(nodes.get(node) as Node, weights);
    return [{ kernel, shape, macs: macs.get(node) ?? 0, ms: best[i] }];
  });
  return { layers, ms, macs: summary.totals.macs };
}

/** The best time of a step; each sample repeats it until it takes long enough. */
function timeRepeated(step: () => void): number {
  const repeats = Math.ceil(SAMPLE_MS / bestTime(step, 3));
  const all = () => {
    for (let k = 0; k < repeats; k++) step();
  };
  return bestTime(all, SAMPLES) / repeats;
}

function shapeOf(node: Node, weights: Program["weights"]): string {
  const { shape } = weights[node.inputs[1]];
  if (is(node, dense)) return `dense ${shape[0]}>${shape[1]}`;
  const [, height, width, channels] = node.shape;
  const window =
    is(node, conv2d) || is(node, depthwiseConv2d) ? `${shape[0]}x${shape[1]}/${node.attrs.strides[0]}` : "";
  const between = is(node, conv2d) ? `${shape[2]}>${channels}` : `${channels}`;
  return `${window} ${between}, ${height}x${width}`;
}
