// Assembles the WebAssembly modules and writes them as TypeScript, src/kernels/generated/{,training-}{simd,relaxed}.ts, and
// as files for hosts that compile no bytes at run time, dist/kernels/{simd,relaxed}.wasm.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { importedKernels } from "../src/kernels/imported/module.ts";
import { importedSignatures } from "../src/kernels/imported/signatures.ts";
import { moduleText } from "../src/kernels/module.ts";
import { addKernels } from "../src/kernels/signatures.ts";
import { trainingKernels } from "../src/kernels/training/module.ts";
import { trainingSignatures } from "../src/kernels/training/signatures.ts";
import type { Isa } from "../src/kernels/wat.ts";

const out = fileURLToPath(new URL("../src/kernels/generated/", import.meta.url));
const files = fileURLToPath(new URL("../dist/kernels/", import.meta.url));
for (const folder of [out, files]) mkdirSync(folder, { recursive: true });
const assembler = await wabt();

/** Valid exactly where the host knows an instruction of the set. */
const probe = (isa: Isa) =>
  isa === "relaxed"
    ? "(module (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))"
    : "(module (func (param v128) (result v128) (f32x4.add (local.get 0) (local.get 0))))";

function assemble(isa: Isa, text: string): Uint8Array {
  const features = { simd: true, threads: true, bulk_memory: true, relaxed_simd: isa === "relaxed" };
  const module = assembler.parseWat(`${isa}.wat`, text, features);
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const probes: Record<string, string> = {};

const isas: readonly Isa[] = ["simd", "relaxed"];

function write(name: string, isa: Isa, text: string): Uint8Array {
  writeFileSync(join(out, `${name}.wat`), text);
  const bytes = assemble(isa, text);
  writeFileSync(
    join(out, `${name}.ts`),
    `/** ${bytes.length} bytes of WebAssembly, as base64. */\nexport const bytes: string = "${base64(bytes)}";\n`,
  );
  console.error(`kernels: ${name} ${bytes.length} bytes`);
  return bytes;
}

for (const isa of isas) {
  writeFileSync(join(files, `${isa}.wasm`), write(isa, isa, moduleText(isa)));
  probes[isa] = base64(assemble(isa, probe(isa)));
}
addKernels(trainingSignatures);
addKernels(importedSignatures);
for (const isa of isas) write(`training-${isa}`, isa, moduleText(isa, trainingKernels(isa) + importedKernels(isa)));
writeFileSync(join(out, "probes.ts"), `export const probes = ${JSON.stringify(probes)};\n`);
