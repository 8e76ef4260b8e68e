import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** One entry per contender, `<name>.js` in `folder`, split so that what is loaded lazily stays apart. */
export async function bundle(contenders: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: contenders.map((name) => ({ in: `bench:${name}`, out: name })),
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["source"],
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
