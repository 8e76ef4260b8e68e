// Assembles the two WebAssembly modules and writes them as TypeScript: src/kernels/generated/{simd,relaxed}.ts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { moduleText } from "../src/kernels/module.ts";
import type { Isa } from "../src/kernels/wat.ts";

const out = fileURLToPath(new URL("../src/kernels/generated/", import.meta.url));
mkdirSync(out, { recursive: true });
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

for (const isa of ["simd", "relaxed"] satisfies Isa[]) {
  const text = moduleText(isa);
  const bytes = assemble(isa, text);
  writeFileSync(join(out, `${isa}.wat`), text);
  writeFileSync(
    join(out, `${isa}.ts`),
    `/** ${bytes.length} bytes of WebAssembly. */\nexport const bytes = "${base64(bytes)}";\n`,
  );
  probes[isa] = base64(assemble(isa, probe(isa)));
  console.error(`kernels: ${isa} ${bytes.length} bytes`);
}
writeFileSync(join(out, "probes.ts"), `export const probes = ${JSON.stringify(probes)};\n`);
