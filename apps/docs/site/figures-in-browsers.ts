import type { Plugin } from "vite";

const NONE = "\0no-figures";

/** Figures are made of a page's elements: the pages that are rendered on the way need neither them nor the library. */
export function figuresInBrowsers(): Plugin {
  return {
    name: "figures-in-browsers",
    enforce: "pre",
    resolveId: (id, _, options) => (options?.ssr && id.endsWith("/figures/figures.ts") ? NONE : undefined),
    load: (id) => (id === NONE ? "export {};" : undefined),
  };
}
