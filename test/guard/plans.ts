// Hashes of plans: where everything lies in linear memory, and which kernels run with which arguments.
import type { Graph, Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { buildGraph, flavorsOf, networkNames } from "../../packages/mobilenets/src/models/networks.ts";
import { optimiseForPacking } from "../../packages/mobilenets/src/passes/optimise.ts";
import { compile } from "../../packages/mobilenets/src/plan/compile.ts";
import { imageOf, type MapLayout, originOf, pitchOf, stepOf } from "../../packages/mobilenets/src/plan/layout.ts";
import type { Placed, Plan } from "../../packages/mobilenets/src/plan/plan.ts";
import { sizeOf, tensor } from "../../packages/mobilenets/src/tensor.ts";
import { planStep } from "../../packages/mobilenets/src/train/compile-step.ts";
import { type Hashes, hash } from "./hash.ts";

/** Divides evenly into tiles, and does not. */
const sizes = [224, 97];
const threadCounts = [1, 2];

export function planHashes(): Hashes {
  const hashes: Record<string, string> = {};
  for (const name of networkNames) {
    for (const flavor of flavorsOf(name)) {
      for (const size of sizes) {
        const program = withZeros(buildGraph(name, { flavor, inputShape: [size, size, 3] }));
        const optimised = optimiseForPacking(program).graph;
        for (const threads of threadCounts) {
          const title = `${name} ${flavor} ${size} ${threads === 1 ? "1 thread" : `${threads} threads`}`;
          hashes[title] = hash(textOf(compile(optimised, threads)));
          hashes[`${title} training`] = hash(trainingText(program, threads));
        }
      }
    }
  }
  return hashes;
}

/** A plan depends on no weight's value. */
function withZeros(graph: Graph): Program {
  const longest = Math.max(...Object.values(graph.params).map(({ shape }) => sizeOf(shape)));
  const zeros = new Float32Array(longest);
  const weights = Object.entries(graph.params).map(([name, { shape }]) => [
    name,
    tensor(shape, zeros.subarray(0, sizeOf(shape))),
  ]);
  return { graph, weights: Object.fromEntries(weights) };
}

function trainingText(program: Program, threads: number): string {
  const optimiser = { kind: "rmsprop", rho: 0.9, momentum: 0.9, epsilon: 1 } as const;
  const { layout } = planStep(program, { batchSize: 4, threads, optimiser, averageDecay: 0.999 });
  const blocks = layout.blocks.map((block) => `${block} at ${layout.at(block)}`);
  return [textOf(layout.plan), `${layout.bytes} bytes`, ...blocks].join("\n");
}

/**
 * All that the engine reads of a plan, in bytes. Written out here, so that a field may change its name or unit where
 * memory stays as it is; kernels are numbered as they appear, so that one may be renamed.
 */
function textOf(plan: Plan): string {
  const numbers = new Map<string, number>();
  const numberOf = (kernel: string) => {
    if (!numbers.has(kernel)) numbers.set(kernel, numbers.size);
    return numbers.get(kernel);
  };
  return [
    `${plan.bytes} bytes, arena at ${plan.arenaAt}, ${plan.threads} threads, steps at ${plan.stepsAt}`,
    `input ${mapText(plan.input)}`,
    ...plan.outputs.map((output) => `output ${output.shape} ${mapText(output)}`),
    ...plan.residents.map((resident) => `resident ${resident.name} ${mapText(resident)}`),
    ...plan.constants.map((constant) => {
      const panels = constant.kind === "panels";
      const kind = panels ? constant.geometry.kernel.replace("f32-", "") : constant.kind;
      return `constant ${kind} ${panels ? constant.kernel : constant.params.join(" ")} at ${constant.at}`;
    }),
    ...plan.steps.map(({ node, kernel, chunks, args }) => {
      const list = Object.entries(args).map(([field, value]) => `${field}=${value}`);
      return `${node} kernel ${numberOf(kernel)} ${chunks} chunks ${list.join(" ")}`;
    }),
  ].join("\n");
}

function mapText(map: Placed<MapLayout>): string {
  const { at, images, height, width, channels } = map;
  const strides = [stepOf(map), pitchOf(map), imageOf(map), originOf(map)];
  return `at ${at}: ${[images, height, width, channels]}, strides and origin ${strides}`;
}
