import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const BUILT = fileURLToPath(new URL("../dist", import.meta.url));
const CARRIED = fileURLToPath(new URL("../../../packages/cli/playground", import.meta.url));

/** Copies the built site into the command line's package, for `mobilenets playground`; the weights have a package of their own. */
export function carry(): Plugin {
  return {
    name: "carry",
    apply: "build",
    closeBundle() {
      rmSync(CARRIED, { recursive: true, force: true });
      cpSync(BUILT, CARRIED, { recursive: true, filter: (path) => !path.endsWith(".safetensors") });
    },
  };
}
