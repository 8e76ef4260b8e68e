import type { Graph } from "../graph/graph.ts";
import { shapesOf } from "../graph/shapes.ts";
import { LINE_BYTES, VECTOR_BYTES } from "../kernels/geometry.ts";
import { coreKernels } from "../kernels/kernel-table.ts";
import { STEP_BYTES } from "../kernels/signatures.ts";
import { roundUp } from "../round-up.ts";
import type { Shape } from "../tensor.ts";
import { type Lifetime, placeBuffers } from "./arena.ts";
import type { Address } from "./buffer.ts";
import { bytesOfConstant } from "./constants.ts";
import type { PendingStep } from "./emitter.ts";
import type { Extension } from "./extension.ts";
import { wishesOf } from "./frames.ts";
import { bytesOf } from "./layout.ts";
import { coreLowerings, lowerNode } from "./lower.ts";
import { Lowering, type Trained } from "./lowering.ts";
import type { Plan } from "./plan.ts";

/** Bytes of the kernels' constants and the threads' shared words at the start; address 0 stays free to mean "none". */
const HEADER = 128;

/**
 * Plans an optimised graph: memory from low to high is header, step list, constants, residents, arena.
 * @param graph a result of `passes/optimise.ts`
 * @param threads number of threads; it decides how layers are divided
 * @param extension support for the graph's ops beyond those of networks
 * @param trained parameters that change from run to run: they are the first residents in their order, then their
 * gradients
 * @throws EngineError if an op has no lowering
 */
export function compile(graph: Graph, threads = 1, extension?: Extension, trained?: Trained): Plan {
  const lowerings = extension ? new Map([...coreLowerings, ...extension.lowerings]) : coreLowerings;
  const ctx = new Lowering(graph, lowerings, wishesOf(graph, lowerings), threads, trained);
  const inputBuffer = ctx.value(graph.input.name);
  for (const node of graph.nodes) lowerNode(ctx, node, lowerings);
  const outputBuffers = graph.outputs.map((name) => ctx.value(name));

  let at = HEADER + ctx.steps.length * STEP_BYTES;
  const constants = ctx.values.constants.map((constant) => {
    at = roundUp(at, LINE_BYTES);
    const placed = { ...constant, at };
    at += bytesOfConstant(constant);
    return placed;
  });
  const residentAt = new Map<number, number>();
  for (const resident of ctx.values.residents) {
    at = roundUp(at, LINE_BYTES);
    residentAt.set(resident.id, at);
    at += bytesOf(resident);
  }
  const arenaAt = roundUp(at, LINE_BYTES);
  const { offsets, bytes } = placeBuffers(
    lifetimes(
      ctx,
      [inputBuffer.id],
      outputBuffers.map(({ id }) => id),
    ),
  );

  const startOf = (buffer: number) => residentAt.get(buffer) ?? arenaAt + offsets[buffer];
  const resolve = (value: number | Address): number => {
    if (typeof value === "number") return value;
    return "buffer" in value ? startOf(value.buffer) + value.plus : constants[value.constant].at;
  };
  const shapes = shapesOf(graph);
  const kernels =
    ctx.steps.every(({ kernel }) => coreKernels.has(kernel)) || !extension ? coreKernels : extension.kernels;
  return {
    name: graph.name,
    module: kernels.module,
    bytes: arenaAt + bytes,
    arenaAt,
    threads,
    stepsAt: HEADER,
    steps: ctx.steps.map(({ node, kernel, chunks, args }) => {
      const resolved: Record<string, number> = {};
      for (const [field] of kernels.fieldsOf(kernel)) resolved[field] = resolve(args[field]);
      return { node, kernel, chunks, args: resolved };
    }),
    constants,
    residents: ctx.values.residents.map((resident) => ({ ...resident, at: startOf(resident.id) })),
    input: { ...inputBuffer, at: startOf(inputBuffer.id) },
    outputs: outputBuffers.map((buffer, i) => ({
      ...buffer,
      at: startOf(buffer.id) + buffer.offset,
      shape: shapes.get(graph.outputs[i]) as Shape,
    })),
  };
}

/** The input lives from before the first step, outputs until after the last. */
function lifetimes(ctx: Lowering, inputs: readonly number[], outputs: readonly number[]): Lifetime[] {
  const first = new Array<number>(ctx.values.buffers.length).fill(ctx.steps.length);
  const last = new Array<number>(ctx.values.buffers.length).fill(-1);
  const touch = (buffer: number, step: number) => {
    first[buffer] = Math.min(first[buffer], step);
    last[buffer] = Math.max(last[buffer], step);
  };
  for (const id of inputs) touch(id, -1);
  ctx.steps.forEach((step, i) => {
    for (const id of buffersOf(step)) touch(id, i);
  });
  for (const id of outputs) touch(id, ctx.steps.length);
  const residents = new Set(ctx.values.residents.map(({ id }) => id));
  return ctx.values.buffers.map((buffer, i) => ({
    bytes: residents.has(i) ? 0 : roundUp(bytesOf(buffer), VECTOR_BYTES),
    first: first[i],
    last: last[i],
  }));
}

function buffersOf({ args }: PendingStep): number[] {
  const ids: number[] = [];
  for (const value of Object.values(args)) if (typeof value === "object" && "buffer" in value) ids.push(value.buffer);
  return ids;
}
