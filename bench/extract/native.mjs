// Finds onnxruntime-node where `npm ci --prefix bench/extract` has put it, for `extract --engine onnxruntime`.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    return next(specifier, specifier === "onnxruntime-node" ? { ...context, parentURL: import.meta.url } : context);
  },
});
