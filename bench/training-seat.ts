// The process of a contender of bench:training: node training-seat.ts <ours|tfjs> <network> <threads> <batch> <size>.
// Prints a line of JSON about itself, then answers each line with a number n by the milliseconds of n steps.
import { createInterface } from "node:readline";
import type { NetworkName } from "mobilenets";
import { buildGraph, initialise } from "mobilenets/graph";
import { random } from "../packages/mobilenets/src/random.ts";
import { compileStep } from "../packages/mobilenets/src/train/compile-step.ts";
import { tfjsStep } from "./training-tfjs.ts";

const [contender, network, ...numbers] = process.argv.slice(2);
const [threads, batchSize, size] = numbers.map(Number);
const CLASSES = 1000;

const next = random(1);
const images = Float32Array.from({ length: batchSize * size * size * 3 }, () => 2 * next() - 1);
const targets = new Float32Array(batchSize * CLASSES);
for (let i = 0; i < batchSize; i++) targets[i * CLASSES + Math.floor(next() * CLASSES)] = 1;

async function oursStep(): Promise<() => Promise<void>> {
  const graph = buildGraph(network as NetworkName, { inputShape: [size, size, 3], dropout: 0 });
  const program = { graph, weights: initialise(graph) };
  const step = await compileStep(program, { batchSize, threads, optimiser: { kind: "sgd", momentum: 0.9 } });
  return async () => {
    await step.accumulate({ images, targets, indices: [] }, 0);
    await step.update({ learningRate: 0.01 });
  };
}

const step = contender === "ours" ? await oursStep() : await tfjsStep(images, targets, batchSize, size, CLASSES);
console.log(JSON.stringify({ version: process.version, threads }));
for await (const line of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let i = 0; i < Number(line); i++) {
    const start = performance.now();
    await step();
    times.push(performance.now() - start);
  }
  console.log(JSON.stringify(times));
}
process.exit(0);
