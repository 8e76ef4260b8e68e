// Leaves in dist/ what a door of package.json reaches: the package's users download no kernel generators, which only the
// build runs, and no declarations that no public type leads to. Long texts stand in it once. Their maps go too, as they
// map nothing; those of scripts for Node, which stand as they were written, map lines.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@jridgewell/sourcemap-codec";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The files that a value of `exports` or `imports` names. */
function targetsOf(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("./dist/") ? [value] : [];
  return Object.values(value as object).flatMap(targetsOf);
}

/** Files by path or by pattern with one `*`. */
function filesOf(target: string): string[] {
  if (!target.includes("*")) return [join(root, target)];
  const [before, after] = join(root, target).split("*");
  return filesIn(dist).filter((path) => path.startsWith(before) && path.endsWith(after));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

/** Each specifier of an import, a re-export or a lazy import. The compiler and the minifier quote in their own ways. */
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*["'`]([^"'`]+)["'`]/g;

const reached = new Set<string>();
function reach(path: string): void {
  if (reached.has(path)) return;
  if (!existsSync(path)) throw new Error(`${path} is imported, but was not built`);
  reached.add(path);
  const declaration = path.endsWith(".d.ts");
  if (!declaration && !path.endsWith(".js")) return;
  for (const [, specifier] of readFileSync(path, "utf8").matchAll(IMPORTS)) {
    if (specifier.startsWith(".")) {
      const target = resolve(dirname(path), specifier);
      reach(declaration ? target.replace(/(\.d)?\.ts$/, ".d.ts") : target);
    } else if (specifier.startsWith("#") && !declaration) {
      for (const target of targetsOf(manifest.imports[specifier])) reach(join(root, target));
    }
  }
}

/** Modules that are mostly one long text: a module's bytes, the run time of built files, the classes of ImageNet. */
const TEXT =
  /[/\\](generated|web|labels)[/\\]((?:training-)?(?:simd|relaxed)|(?:search|picture|jpeg)-kernels|runtime|imagenet)\.js$/;
const inWeb = (name: string) => join(dist, "web", `${name}.js`);

// Both dist and dist/web have these modules. dist/web has to be whole by itself, as some put that folder alone on their
// servers: the module in dist passes on what the other exports.
for (const path of filesIn(dist)) {
  const name = TEXT.exec(path)?.[2];
  if (name === undefined || path === inWeb(name) || !existsSync(inWeb(name))) continue;
  const exported = [...readFileSync(path, "utf8").matchAll(/^export (?:const|function) (\w+)/gm)].map(([, id]) => id);
  const from = relative(dirname(path), inWeb(name)).split(sep).join("/");
  writeFileSync(path, `export { ${exported.join(", ")} } from ${JSON.stringify(from)};\n`);
}

for (const field of [manifest.main, manifest.types, manifest.browser, manifest.exports]) {
  for (const target of targetsOf(field)) for (const path of filesOf(target)) reach(path);
}

let removed = 0;
for (const path of filesIn(dist)) {
  const of = path.replace(/\.map$/, "");
  if (reached.has(of) && !(path !== of && TEXT.test(of))) continue;
  rmSync(path);
  removed++;
}
for (const path of reached) {
  if (!TEXT.test(path)) continue;
  writeFileSync(path, readFileSync(path, "utf8").replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n"));
}

// A line of these is a line of its source; columns would be most of a map.
for (const path of filesIn(dist)) {
  if (!path.endsWith(".js.map") || path.startsWith(join(dist, "web", sep))) continue;
  const map = JSON.parse(readFileSync(path, "utf8"));
  const lines = decode(map.mappings).map((segments) => segments.slice(0, 1));
  writeFileSync(path, JSON.stringify({ ...map, mappings: encode(lines) }));
}

/** Folders of the generators. */
function removeEmpty(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) removeEmpty(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
removeEmpty(dist);
console.error(`dist: ${reached.size} files that a door reaches; ${removed} others removed`);
