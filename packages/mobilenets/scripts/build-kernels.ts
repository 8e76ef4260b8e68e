// Assembles the WebAssembly modules and writes them as TypeScript, src/kernels/generated/{,training-}{simd,relaxed}.ts and
// {search,picture,jpeg}-kernels.ts, and as files for hosts that compile no bytes at run time, dist/kernels/{simd,relaxed,training-simd}.wasm.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { jpegModuleText } from "../src/kernels/jpeg/module.ts";
import { coreKernels } from "../src/kernels/kernel-table.ts";
import { moduleText } from "../src/kernels/module.ts";
import { pictureModuleText } from "../src/kernels/pictures/module.ts";
import { searchModuleText } from "../src/kernels/search/module.ts";
import { trainingFunctions } from "../src/kernels/training/module.ts";
import { trainingKernels } from "../src/kernels/training/table.ts";
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

/** Packed by gzip it is smaller than base64, which hides what is repeated; and kernels repeat themselves. */
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const probes: Record<string, string> = {};

const isas: readonly Isa[] = ["simd", "relaxed"];

function write(name: string, isa: Isa, text: string): Uint8Array {
  writeFileSync(join(out, `${name}.wat`), text);
  const bytes = assemble(isa, text);
  writeFileSync(
    join(out, `${name}.ts`),
    `/** ${bytes.length} bytes of WebAssembly in hexadecimal. */\nexport const bytes: string = "${hex(bytes)}";\n`,
  );
  console.error(`kernels: ${name} ${bytes.length} bytes`);
  return bytes;
}

for (const isa of isas) {
  writeFileSync(join(files, `${isa}.wasm`), write(isa, isa, moduleText(isa, coreKernels)));
  probes[isa] = hex(assemble(isa, probe(isa)));
}
write("search-kernels", "simd", searchModuleText());
write("picture-kernels", "simd", pictureModuleText());
write("jpeg-kernels", "simd", jpegModuleText());
for (const isa of isas) {
  const bytes = write(`training-${isa}`, isa, moduleText(isa, trainingKernels, trainingFunctions(isa)));
  // The contract alone: hosts that compile nothing are few.
  if (isa === "simd") writeFileSync(join(files, `training-${isa}.wasm`), bytes);
}
writeFileSync(join(out, "probes.ts"), `export const probes = ${JSON.stringify(probes)};\n`);
