// Hashes of generated kernels: of each module's bytes, which hold no names, and of each function's text.
import wabt from "wabt";
import { jpegModuleText } from "../../packages/mobilenets/src/kernels/jpeg/module.ts";
import { coreKernels } from "../../packages/mobilenets/src/kernels/kernel-table.ts";
import { moduleText } from "../../packages/mobilenets/src/kernels/module.ts";
import { pictureModuleText } from "../../packages/mobilenets/src/kernels/pictures/module.ts";
import { searchModuleText } from "../../packages/mobilenets/src/kernels/search/module.ts";
import { trainingFunctions } from "../../packages/mobilenets/src/kernels/training/module.ts";
import { trainingKernels } from "../../packages/mobilenets/src/kernels/training/table.ts";
import type { Isa } from "../../packages/mobilenets/src/kernels/wat.ts";
import { type Hashes, hash } from "./hash.ts";

const isas: readonly Isa[] = ["simd", "relaxed"];

export async function kernelHashes(): Promise<Hashes> {
  const inference = isas.map((isa) => [isa, isa, moduleText(isa, coreKernels)] as const);
  const training = isas.map(
    (isa) => [`training-${isa}`, isa, moduleText(isa, trainingKernels, trainingFunctions(isa))] as const,
  );

  const hashes: Record<string, string> = {};
  const assembler = await wabt();
  const others = [
    ["search-kernels", "simd", searchModuleText()],
    ["picture-kernels", "simd", pictureModuleText()],
    ["jpeg-kernels", "simd", jpegModuleText()],
  ] as const;
  for (const [name, isa, text] of [...inference, ...training, ...others]) {
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
  const names = [...trainingKernels.names].sort((a, b) => b.length - a.length);
  const [, ...functions] = text.split(/\(func (?=\$|\(export)/);
  return functions.map((source) => {
    const name = /^(?:\$|\(export ")([\w-]+)/.exec(source)?.[1] as string;
    const code = names.reduce((result, kernel) => result.replaceAll(`$${kernel} `, "$kernel "), source);
    return [name, code.replaceAll(/\s+/g, " ").trim()];
  });
}
