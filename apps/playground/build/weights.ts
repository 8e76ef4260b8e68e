import { createReadStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import address from "@mobilenets/weights-imagenet";
import type { Plugin } from "vite";

/** Where the page looks for the ImageNet weights: a fixed name, so that a server can take them from their own package. */
const PATH = "weights/efficientnet_lite0.safetensors";

/** Puts the ImageNet weights beside the built page, and serves them in development. */
export function weights(): Plugin {
  const file = fileURLToPath(address);
  return {
    name: "weights",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: PATH, source: readFileSync(file) });
    },
    configureServer({ middlewares }) {
      middlewares.use(`/${PATH}`, (_, response) => {
        createReadStream(file).pipe(response);
      });
    },
  };
}
