// Finds onnxruntime-node of `npm ci --prefix bench/extract` for `extract --engine onnxruntime`, on Node 22.15 or newer.
// Without it, the engine takes onnxruntime-web.
import * as nodeModule from "node:module";

nodeModule.registerHooks?.({
  resolve(specifier, context, next) {
    return next(specifier, specifier === "onnxruntime-node" ? { ...context, parentURL: import.meta.url } : context);
  },
});
