// Hashes of what networks compute, to the bit: outputs on fixed pictures, and a training step's.
import { wasm } from "../../packages/mobilenets/src/engines/wasm.ts";
import { bestIsa } from "../../packages/mobilenets/src/kernels/modules.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import {
  buildGraph,
  defaultFlavor,
  flavorsOf,
  type NetworkName,
  networkNames,
} from "../../packages/mobilenets/src/models/networks.ts";
import type { Flavor } from "../../packages/mobilenets/src/models/options.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { compileStep } from "../../packages/mobilenets/src/train/compile-step.ts";
import { randomInput, randomProgram } from "../support/random-program.ts";
import { type Hashes, hash } from "./hash.ts";

const CLASSES = 10;
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** @param isa one that this host has */
export async function outputHashes(isa: Isa): Promise<Hashes> {
  const hashes: Record<string, string> = {};
  for (const name of networkNames) {
    for (const flavor of flavorsOf(name)) hashes[`${name} ${flavor}`] = await outputHash(name, flavor, isa);
    // A step runs on the best instruction set there is.
    if (isa === bestIsa()) hashes[`${name} training`] = await stepHash(name);
  }
  return hashes;
}

function programOf(name: NetworkName, flavor: Flavor, size: number) {
  // Odd counts of channels occur at this width.
  return randomProgram(buildGraph(name, { flavor, inputShape: [size, size, 3], alpha: 0.35, classes: CLASSES }), 1);
}

async function outputHash(name: NetworkName, flavor: Flavor, isa: Isa): Promise<string> {
  const program = programOf(name, flavor, 97);
  const executable = await wasm({ isa, threads: 1 }).compile(program);
  const [output] = await executable.run(randomInput(program.graph, 2, 2));
  executable.dispose();
  return hash(bytesOf(output.data));
}

/** Of the loss, the logits and all that a step holds after one update. */
async function stepHash(name: NetworkName): Promise<string> {
  const program = programOf(name, defaultFlavor(name), 40);
  const batchSize = 3;
  const optimiser = { kind: "sgd", momentum: 0.9 } as const;
  const step = await compileStep(program, { batchSize, threads: 1, optimiser });
  const targets = new Float32Array(batchSize * CLASSES);
  for (let i = 0; i < batchSize; i++) targets[i * CLASSES + i] = 1;
  const images = randomInput(program.graph, batchSize, 3).data;
  const { loss, logits } = await step.accumulate({ images, targets, indices: [0, 1, 2] }, 1);
  await step.update({ learningRate: 0.1, weightDecay: 0.01 });
  const state: [string, Tensor][] = Object.entries(step.state());
  const parts = state.map(([key, { data }]) => `${key} ${hash(bytesOf(data))}`);
  step.dispose();
  return hash([`${loss} ${hash(bytesOf(logits))}`, ...parts].join("\n"));
}
