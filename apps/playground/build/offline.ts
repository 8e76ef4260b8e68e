import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * Writes the service worker with the list of what the build made. Its version is a checksum of all of it, so that a new
 * build is a new worker, and the same build is not.
 */
export function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        const files = Object.keys(bundle).sort();
        for (const name of files) {
          const item = bundle[name];
          hash.update(name).update(item.type === "chunk" ? item.code : item.source);
        }
        const template = readFileSync(new URL("service-worker.js", import.meta.url), "utf8");
        const source = template
          .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 12)))
          .replace('["FILES"]', JSON.stringify(["./", ...files.filter((name) => name !== "index.html")]));
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}
