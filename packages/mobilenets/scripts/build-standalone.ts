// Bundles the run time of built files and writes it as TypeScript, src/standalone/generated/runtime.ts: `mobilenets build`
// puts it in front of a network. It needs the kernels of build-kernels.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../src/standalone/", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const texts: Record<string, string> = {};
for (const name of ["own", "others"]) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "runtime", `${name}.ts`)],
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
  texts[name] = outputFiles[0].text;
  // A page may have the whole file in a script element.
  if (/<\/script|<!--/i.test(texts[name])) throw new Error(`${name}: a text that ends a script element`);
  console.error(`standalone: ${name} ${outputFiles[0].contents.length} bytes`);
}

const generated = join(folder, "generated");
mkdirSync(generated, { recursive: true });
const lines = Object.entries(texts).map(([name, text]) => `export const ${name}: string = ${JSON.stringify(text)};\n`);
writeFileSync(join(generated, "runtime.ts"), `/** Scripts that make the variable \`runtime\`. */\n${lines.join("")}`);
