// Hashes of generated kernels: of each module's bytes, which hold no names, and of each function's text.
import wabt from "wabt";
import { importedKernels } from "../../packages/mobilenets/src/kernels/imported/module.ts";
import { moduleText } from "../../packages/mobilenets/src/kernels/module.ts";
import { kernelNames } from "../../packages/mobilenets/src/kernels/signatures.ts";
import { trainingKernels } from "../../packages/mobilenets/src/kernels/training/module.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import { enableImported } from "../../packages/mobilenets/src/plan/lower/imported.ts";
import { enableTraining } from "../../packages/mobilenets/src/plan/lower/training.ts";
import { type Hashes, hash } from "./hash.ts";

const isas: readonly Isa[] = ["simd", "relaxed"];

/** Call it before anything else makes the kernels of training known: the modules of inference are generated without. */
export async function kernelHashes(): Promise<Hashes> {
  const inference = isas.map((isa) => [isa, isa, moduleText(isa)] as const);
  enableTraining();
  enableImported();
  const training = isas.map(
    (isa) => [`training-${isa}`, isa, moduleText(isa, trainingKernels(isa) + importedKernels(isa))] as const,
  );

  const hashes: Record<string, string> = {};
  const assembler = await wabt();
  for (const [name, isa, text] of [...inference, ...training]) {
    const features = { simd: true, threads: true, bulk_memory: true, relaxed_simd: isa === "relaxed" };
    const module = assembler.parseWat(`${name}.wat`, text, features);
    hashes[`${name}.wasm`] = hash(module.toBinary({}).buffer);
    module.destroy();
  }
  // These modules have the functions of the others too.
  for (const [name, , text] of training) {
    for (const [title, code] of functionsOf(text)) hashes[`${name} ${title}`] = hash(code);
  }
  return hashes;
}

/** Each function's name with its text, in which spaces and the names of kernels do not count. */
function functionsOf(text: string): (readonly [name: string, code: string])[] {
  const names = [...kernelNames()].sort((a, b) => b.length - a.length);
  const [, ...functions] = text.split(/\(func (?=\$|\(export)/);
  return functions.map((source) => {
    const name = /^(?:\$|\(export ")([\w-]+)/.exec(source)?.[1] as string;
    const code = names.reduce((result, kernel) => result.replaceAll(`$${kernel} `, "$kernel "), source);
    return [name, code.replaceAll(/\s+/g, " ").trim()];
  });
}
