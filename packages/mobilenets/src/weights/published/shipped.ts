/**
 * Addresses of weights in this package, for `load()`: small networks, trained by the recipes of the same names in
 * `recipes/` on Fashion-MNIST's ten kinds of products. Kernels are float16.
 */
export const shippedWeights = {
  // A getter, because bundles without a module address (IIFE, workerd) import this file too.
  get "fashion-mnist"(): string {
    return new URL("../../../weights/fashion-mnist.safetensors", import.meta.url).href;
  },
} as const;
