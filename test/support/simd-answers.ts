// Hashes the exact results of networks and a training step, with narrow or wide tiles. As a program, e.g. with V8 flags,
// it prints them as JSON.
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import type { SimdBits } from "../../packages/mobilenets/src/engines/simd-bits.ts";
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import { compileStep } from "../../packages/mobilenets/src/train/compile-step.ts";
import { randomInput, randomProgram } from "./random-program.ts";

const hash = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex")
    .slice(0, 16);

/** All kinds of windows, strides, squeezes and widths; some panels are half, and some pixels have an odd vector. */
const networks = [
  ["mobilenet_v1", 0.25, 65],
  ["mobilenet_v2", 0.35, 64],
  ["mobilenet_v3_small", 0.75, 49],
  ["mobilenet_v3_large", 0.35, 48],
] as const;

/** @returns a hash for each network, for one of them on two threads too, and for the state after a training step */
export async function simdAnswers(simdBits: SimdBits): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const [name, alpha, size] of networks) {
    const program = randomProgram(buildGraph(name, { alpha, inputShape: [size, size, 3], classes: 10 }), 1);
    for (const threads of name === "mobilenet_v3_small" ? [1, 2] : [1]) {
      const executable = await wasm({ isa: supports("relaxed") ? "relaxed" : "simd", threads, simdBits }).compile(
        program,
      );
      const [{ data }] = await executable.run(randomInput(program.graph, threads, 2));
      answers[`${name}, ${threads} threads`] = hash(data);
      executable.dispose();
    }
  }
  const program = randomProgram(buildGraph("mobilenet_v2", { alpha: 0.35, inputShape: [32, 32, 3], classes: 4 }), 1);
  const before = process.env.MOBILENETS_SIMD_BITS;
  process.env.MOBILENETS_SIMD_BITS = String(simdBits);
  try {
    const step = await compileStep(program, { batchSize: 2, threads: 1, optimiser: { kind: "sgd", momentum: 0.9 } });
    const images = randomInput(program.graph, 2, 2).data;
    await step.accumulate({ images, targets: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0), indices: [0, 1] }, 1);
    await step.update({ learningRate: 0.1 });
    for (const [name, { data }] of Object.entries(step.weights())) answers[`step ${name}`] = hash(data);
    step.dispose();
  } finally {
    if (before === undefined) delete process.env.MOBILENETS_SIMD_BITS;
    else process.env.MOBILENETS_SIMD_BITS = before;
  }
  return answers;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [narrow, wide] = [await simdAnswers(128), await simdAnswers(256)];
  process.stdout.write(JSON.stringify({ narrow, wide }));
}
