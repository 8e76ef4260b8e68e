import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Program, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { subgraph } from "../../packages/mobilenets/src/graph/subgraph.ts";
import { buildGraph, type NetworkName } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { candidates } from "./engines.ts";
import { seededPictures, seededWeights } from "./seeded.ts";

/** What a golden keeps of a tensor; `samples[i]` is element `7919 i mod size` in NHWC order. */
export interface Summary {
  readonly size: number;
  readonly mean: number;
  readonly rms: number;
  readonly largest: number;
  readonly samples: readonly number[];
}

/** One network, run by another library on seeded weights and pictures. */
export interface Case {
  readonly network: NetworkName;
  readonly options: ModelOptions;
  readonly batch: number;
  /** Of the noise that serves as pictures. */
  readonly range: readonly [low: number, high: number];
  /** The network's result. */
  readonly outputs: Summary;
  /** Inner layers by our name. */
  readonly layers: Readonly<Record<string, Summary>>;
}

const SAMPLE_STEP = 7919;

export function readGolden<T>(name: string): T & { readonly seed: number } {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8"));
}

export function title({ network, options }: Pick<Case, "network" | "options">): string {
  return `${network} ${JSON.stringify(options)}`;
}

/**
 * Every candidate engine gives the case's outputs and inner layers.
 * @param weights of a file that comes with the golden; else drawn again
 */
export async function checkCase(golden: Case, seed: number, weights?: Weights): Promise<void> {
  const graph = buildGraph(golden.network, golden.options);
  await checkProgram(golden, { graph, weights: weights ?? seededWeights(graph, seed) }, seed);
}

/** The same of any program, which may be of no network of ours. */
export async function checkProgram(
  golden: Pick<Case, "batch" | "range" | "outputs" | "layers">,
  { graph: full, weights }: Program,
  seed: number,
): Promise<void> {
  const graph = subgraph(full, [...Object.keys(golden.layers), ...full.outputs]);
  const input = seededPictures([golden.batch, ...full.input.shape.slice(1)], ...golden.range, seed);
  const expected = [...Object.values(golden.layers), golden.outputs];
  for (const { label, engine, tolerance } of candidates) {
    const executable = await engine.compile({ graph, weights });
    try {
      const results = await executable.run(input);
      results.forEach((result, i) => {
        compare(`${label}: ${graph.outputs[i]}`, result, expected[i], tolerance);
      });
    } finally {
      executable.dispose();
    }
  }
}

function compare(where: string, { data }: Tensor, golden: Summary, tolerance: number): void {
  assert.equal(data.length, golden.size, `${where}: size`);
  const near = (what: string, actual: number, expected: number) => {
    const error = Math.abs(actual - expected) / golden.largest;
    assert.ok(error <= tolerance, `${where}: ${what} is ${actual}, expected ${expected} (relative error ${error})`);
  };
  golden.samples.forEach((expected, i) => {
    const at = (i * SAMPLE_STEP) % data.length;
    near(`element ${at}`, data[at], expected);
  });
  let sum = 0;
  let squares = 0;
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  near("mean", sum / data.length, golden.mean);
  near("root mean square", Math.sqrt(squares / data.length), golden.rms);
}
