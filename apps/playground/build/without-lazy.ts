import type { Plugin } from "vite";

const EMPTY = "\0empty-lazy";

/** Leaves out what the library loads when it runs networks or reads files: the page leaves both to its worker. */
export function withoutLazy(): Plugin {
  return {
    name: "without-lazy",
    enforce: "pre",
    resolveDynamicImport: (_, importer = "") => (/[\\/]mobilenets[\\/]dist[\\/]/.test(importer) ? EMPTY : undefined),
    load: (id) => (id === EMPTY ? "export default undefined;" : undefined),
  };
}
