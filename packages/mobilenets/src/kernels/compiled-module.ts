/**
 * A `WebAssembly.Module`, in programs whose types declare it. It has its own file so that the package's public types name
 * nothing that Node 20's types lack.
 */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Type } } }
  ? Type
  : object;
