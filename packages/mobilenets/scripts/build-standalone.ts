// Bundles the run time of built files and writes it as TypeScript, src/standalone/generated/runtime.ts: `mobilenets build`
// puts it in front of a network. It needs the kernels of build-kernels.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../src/standalone/", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const generated = join(folder, "generated");
mkdirSync(generated, { recursive: true });
const { outputFiles } = await build({
  entryPoints: [join(folder, "runtime/runtime.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "runtime",
  platform: "neutral",
  target: "es2022",
  conditions: ["source"],
  charset: "utf8",
  banner: { js: `/*! mobilenets ${version}, Apache-2.0 */` },
  write: false,
  logLevel: "warning",
});
const { text, contents } = outputFiles[0];
// A page may have the whole file in a script element.
if (/<\/script|<!--/i.test(text)) throw new Error("a text that ends a script element");
const module = `/** A script that makes the variable \`runtime\`. */\nexport const runtime: string = ${JSON.stringify(text)};\n`;
writeFileSync(join(generated, "runtime.ts"), module);
console.error(`standalone: ${contents.length} bytes of run time`);
