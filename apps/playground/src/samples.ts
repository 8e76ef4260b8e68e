import type { Key } from "./strings.ts";

/** Samples in the public domain or CC0: see samples/SOURCES.md. */
export const samples = [
  { name: "sample.cat", url: new URL("./samples/cat.jpg", import.meta.url).href },
  { name: "sample.espresso", url: new URL("./samples/espresso.jpg", import.meta.url).href },
  { name: "sample.sheep", url: new URL("./samples/sheep.jpg", import.meta.url).href },
  { name: "sample.barn", url: new URL("./samples/barn.jpg", import.meta.url).href },
  { name: "sample.mountains", url: new URL("./samples/mountains.jpg", import.meta.url).href },
  { name: "sample.rocket", url: new URL("./samples/rocket.jpg", import.meta.url).href },
] as const satisfies readonly { readonly name: Key; readonly url: string }[];
