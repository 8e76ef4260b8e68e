import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

/**
 * Bundles each contender separately into `<name>.js` in `folder`.
 * @returns for each, the files that it needs to start, including itself
 */
export async function bundle(contenders: readonly string[], folder: string): Promise<Map<string, readonly string[]>> {
  const files = new Map<string, readonly string[]>();
  for (const name of contenders) files.set(name, await bundleOne(name, folder));
  return files;
}

/** Bundles with code splitting for lazily loaded code. All packages, including ours, are in their published form. */
async function bundleOne(name: string, folder: string): Promise<readonly string[]> {
  const { metafile } = await build({
    metafile: true,
    entryPoints: [{ in: `bench:${name}`, out: name }],
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
    plugins: [
      {
        name: "entries",
        setup(build) {
          build.onResolve({ filter: /^bench:/ }, ({ path }) => ({ path: path.slice(6), namespace: "bench" }));
          build.onLoad({ filter: /./, namespace: "bench" }, ({ path }) => ({
            contents: `
              import { contender } from "../contenders/${path}.ts";
              import { pageOf } from "./page.ts";
              export const page = pageOf(contender);`,
            resolveDir: fileURLToPath(new URL(".", import.meta.url)),
            loader: "ts",
          }));
        },
      },
    ],
  });
  const entry = Object.keys(metafile.outputs).find((path) => basename(path) === `${name}.js`) as string;
  return [...withImports(metafile.outputs, entry)].map((path) => basename(path));
}

function withImports(outputs: Metafile["outputs"], path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { kind, path: next } of outputs[path].imports) {
    if (kind === "import-statement") withImports(outputs, next, found);
  }
  return found;
}
