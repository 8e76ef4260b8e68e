import { cpSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const BUILT = fileURLToPath(new URL("../dist", import.meta.url));
const CARRIED = fileURLToPath(new URL("../../../packages/cli/playground", import.meta.url));

/** Whether these are the ImageNet weights; others that the build needs belong to it, as the service worker keeps them. */
const isOfPackage = (path: string) => basename(dirname(path)) === "weights" && path.endsWith(".safetensors");

/** Copies the built site into the command line's package, for `mobilenets playground`; the weights have a package of their own. */
export function carry(): Plugin {
  return {
    name: "carry",
    apply: "build",
    closeBundle() {
      rmSync(CARRIED, { recursive: true, force: true });
      cpSync(BUILT, CARRIED, { recursive: true, filter: (path) => !isOfPackage(path) });
    },
  };
}
