import { evaluateGraph } from "../../../packages/mobilenets/src/engines/reference.ts";
import { MobileNetsError } from "../../../packages/mobilenets/src/errors.ts";
import { summarise } from "../../../packages/mobilenets/src/graph/summary.ts";
import type { Model } from "../../../packages/mobilenets/src/model.ts";
import { sizeOf, type Tensor } from "../../../packages/mobilenets/src/tensor.ts";
import { randomInput } from "../../support/random-program.ts";

/** Most multiply-adds of a network for the slow reference engine. */
const MAX_MACS = 5e6;
const MAX_NUMBERS = 2e6;
const TOLERANCE = 1e-3;
/** Weights and values above this may overflow single precision in one order of computation, and not in another. */
const LARGE = 1e12;

/**
 * Runs a loaded model on its engine and on the reference.
 * @returns the differences; undefined for a network that is too large to compare
 */
export async function disagreements(model: Model): Promise<string[] | undefined> {
  const { graph, weights } = model.program;
  const { ops } = model;
  const summary = await outcome(async () => summarise(graph));
  if (!summary.value) return [summary.problem ?? `no summary of a loaded model: ${summary.refused}`];
  const { totals, layers } = summary.value;
  const numbers = layers.reduce((sum, { outputShape }) => sum + sizeOf(outputShape), sizeOf(graph.input.shape));
  if (!(totals.macs <= MAX_MACS && numbers <= MAX_NUMBERS)) return undefined;
  const input = randomInput(graph, 1, 5);
  const found = await calls(model);
  const engine = await outcome(() => model.predict(input));
  const single = await outcome(async () => reference(model, input));
  for (const { problem } of [engine, single]) if (problem) found.push(problem);
  if (found.length > 0) return found;
  if (!engine.value || !single.value) {
    if (Boolean(engine.value) === Boolean(single.value)) return [];
    return [`${engine.value ? "the reference" : model.engine} alone refuses: ${engine.refused ?? single.refused}`];
  }
  if (agree(engine.value, single.value.result)) return [];
  const values = [...single.value.all, ...Object.values(weights)];
  if (!values.every(({ data }) => data.every((x) => Math.abs(x) < LARGE))) return [];
  const doubles = Object.fromEntries(
    Object.entries({ ...weights, [graph.input.name]: input }).map(([name, { data, shape }]) => [
      name,
      { data: Float64Array.from(data), shape },
    ]),
  );
  const double = evaluateGraph(graph, doubles, Float64Array, { ops })[0];
  const problem = difference(engine.value, single.value.result, double);
  return problem === undefined ? [] : [problem];
}

/** The result, and the results of all layers. */
function reference({ program: { graph, weights }, ops }: Model, input: Tensor) {
  const layers = graph.nodes.map(({ name }) => name);
  const all = evaluateGraph({ ...graph, outputs: layers }, { ...weights, [graph.input.name]: input }, Float32Array, {
    ops,
  });
  return { all, result: all[layers.indexOf(graph.outputs[0])] };
}

interface Outcome<T> {
  readonly value?: T;
  /** Message of an error of ours. */
  readonly refused?: string;
  /** Message of any other error. */
  readonly problem?: string;
}

async function outcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    if (MobileNetsError.is(error)) return { refused: error.message };
    return { problem: `no error of ours from a loaded model: ${error instanceof Error ? error.stack : error}` };
  }
}

/** Makes the calls of a user. */
async function calls(model: Model): Promise<string[]> {
  const picture = { data: new Uint8Array(5 * 4 * 3).fill(100), width: 5, height: 4, channels: 3 } as const;
  const all = [() => model.classify(picture), () => model.embed([picture, picture]), async () => model.layers];
  const problems: string[] = [];
  for (const call of all) {
    const { problem } = await outcome<unknown>(call);
    if (problem) problems.push(problem);
  }
  return problems;
}

/** Whether two answers are close enough regardless of the network's precision, which can only allow more. */
function agree(engine: Tensor, single: Tensor): boolean {
  if (engine.shape.join() !== single.shape.join()) return false;
  const largest = single.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return single.data.every((x, i) => Math.abs(engine.data[i] - x) <= (TOLERANCE * largest) / 2);
}

/**
 * Undefined if the engine's answer is as close to the reference's as single precision allows for this network. Weights of
 * a forged file can magnify rounding, which the difference of the reference's two precisions shows.
 */
function difference(engine: Tensor, single: Tensor, double: Tensor<Float64Array>): string | undefined {
  if (engine.shape.join() !== single.shape.join()) return `shape ${engine.shape} instead of ${single.shape}`;
  let largest = 0;
  let rounding = 0;
  for (let i = 0; i < double.data.length; i++) {
    const [a, b] = [single.data[i], double.data[i]];
    largest = Math.max(largest, Math.abs(b));
    rounding = Math.max(rounding, Math.abs(a - b));
  }
  const allowed = TOLERANCE * largest + 100 * rounding + 1e-30;
  for (let i = 0; i < single.data.length; i++) {
    const off = Math.abs(engine.data[i] - single.data[i]);
    if (!(off <= allowed)) {
      return `number ${i} is ${engine.data[i]}, the reference's ${single.data[i]} (${double.data[i]}; at most ${largest})`;
    }
  }
  return undefined;
}
