import type { Plugin } from "vite";

const EMPTY = "\0empty";

/** Leaves packages out that the library can do without, wherever they happen to be installed. */
export function without(...packages: readonly string[]): Plugin {
  return {
    name: "without",
    enforce: "pre",
    resolveId: (id) => (packages.some((name) => id === name || id.startsWith(`${name}/`)) ? EMPTY : undefined),
    load: (id) => (id === EMPTY ? "export default undefined;" : undefined),
  };
}
