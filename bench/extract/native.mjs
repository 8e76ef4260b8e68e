// Finds onnxruntime-node where `npm ci --prefix bench/extract` has put it, for `extract --engine onnxruntime`; Node 22.15
// or newer. Where it is not found, the engine takes onnxruntime-web.
import * as nodeModule from "node:module";

nodeModule.registerHooks?.({
  resolve(specifier, context, next) {
    return next(specifier, specifier === "onnxruntime-node" ? { ...context, parentURL: import.meta.url } : context);
  },
});
