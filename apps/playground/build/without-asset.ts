import type { Plugin } from "vite";

/** Keeps a file out of the build that the library names by its address and this page never asks for. */
export function withoutAsset(name: string): Plugin {
  const address = new RegExp(`new URL\\((["'\`])[^"'\`]*${name}\\1, ?import\\.meta\\.url\\)`, "g");
  return {
    name: "without-asset",
    enforce: "pre",
    transform: (code) => (code.includes(name) ? code.replaceAll(address, 'new URL("about:blank")') : undefined),
  };
}
