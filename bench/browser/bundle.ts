import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** `<name>.js` in `folder` for each contender, as if no other were there. */
export async function bundle(contenders: readonly string[], folder: string): Promise<void> {
  for (const name of contenders) await bundleOne(name, folder);
}

/** Split so that what is loaded lazily stays apart. All packages, ours too, as they are published. */
async function bundleOne(name: string, folder: string): Promise<void> {
  await build({
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
}
