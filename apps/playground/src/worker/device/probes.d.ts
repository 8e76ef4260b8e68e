/** WebAssembly modules of build/probes.ts. */
declare module "virtual:probes" {
  export const dot: Uint8Array<ArrayBuffer>;
  export const width: Uint8Array<ArrayBuffer>;
}
