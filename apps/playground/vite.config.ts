import { defineConfig } from "vite";
import { carry } from "./build/carry.ts";
import { offline } from "./build/offline.ts";
import { policy } from "./build/policy.ts";
import { probes } from "./build/probes.ts";
import { weights } from "./build/weights.ts";
import { without } from "./build/without.ts";
import { withoutAsset } from "./build/without-asset.ts";
import { withoutLazy } from "./build/without-lazy.ts";

// What gives a page threads: SharedArrayBuffer is there in isolated pages only.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

// Weights of small products, which the library's door for files mentions.
const products = () => withoutAsset("fashion-mnist.safetensors");

export default defineConfig({
  // The site works in any folder of any server.
  base: "./",
  plugins: [without("onnxruntime-web"), products(), withoutLazy(), policy(), weights(), offline(), carry()],
  // ONNX Runtime is 40 MB that nothing here asks for.
  worker: { format: "es", plugins: () => [without("onnxruntime-web"), products(), probes()] },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // Vite's own copies of packages would lie in another folder than their WebAssembly and workers.
  optimizeDeps: { exclude: ["mobilenets"] },
  server: { headers },
  preview: { headers },
});
