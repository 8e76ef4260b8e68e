import { bytesOf } from "./layout.ts";
import type { Plan } from "./plan.ts";

/** Prints one line per step: `conv1  f32-gemm  8x  a=38784 aStep=24 ...` has 8 chunks; addresses are in bytes. */
export function printPlan(plan: Plan): string {
  const { name, threads, bytes, arenaAt, input, outputs } = plan;
  const kernelWidth = Math.max(...plan.steps.map(({ kernel }) => kernel.length));
  const nodeWidth = Math.max(...plan.steps.map(({ node }) => node.length));
  const steps = plan.steps.map(({ node, kernel, chunks, args }) => {
    const list = Object.entries(args).map(([field, value]) => `${field}=${value}`);
    return `${node.padEnd(nodeWidth)}  ${kernel.padEnd(kernelWidth)}  ${chunks}x  ${list.join(" ")}`;
  });
  return [
    `${name}: ${plan.steps.length} steps for ${threads} thread${threads === 1 ? "" : "s"}, ${bytes} bytes`,
    `module ${plan.module}, steps at ${plan.stepsAt}, ${plan.constants.length} constants, arena at ${arenaAt}`,
    `input at ${input.at}: ${bytesOf(input)} bytes, ${input.height}x${input.width}x${input.channels}`,
    ...steps,
    ...outputs.map((o) => `output at ${o.at}: ${bytesOf(o)} bytes, ${o.height}x${o.width}x${o.channels}`),
  ].join("\n");
}
