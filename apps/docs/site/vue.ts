import type { Plugin } from "vite";

/**
 * Pages lie outside of this folder, where Vue is not found. The pages that are rendered on the way are run in this folder,
 * and import it there; for browsers VitePress itself says where it is.
 */
export function vueOfThisFolder(): Plugin {
  return {
    name: "vue-of-this-folder",
    enforce: "pre",
    resolveId: (id, _, options) =>
      options?.ssr && /^vue(\/server-renderer)?$/.test(id) ? { id, external: true } : undefined,
  };
}
