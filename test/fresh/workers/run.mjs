// Runs what wrangler built in Miniflare, that is in workerd, and asks it.
import { readdir, readFile } from "node:fs/promises";
import { Miniflare } from "miniflare";

const type = (name) => (name.endsWith(".js") ? "ESModule" : name.endsWith(".wasm") ? "CompiledWasm" : "Data");
const names = (await readdir("dist")).filter((name) => !/\.(map|md)$/.test(name));
const order = ["index.js", ...names.filter((name) => name !== "index.js")];
const modules = await Promise.all(
  order.map(async (name) => ({ type: type(name), path: name, contents: await readFile(`dist/${name}`) })),
);
const miniflare = new Miniflare({ modules, compatibilityDate: "2025-11-01" });
const response = await miniflare.dispatchFetch("http://worker/");
console.log(await response.text());
await miniflare.dispose();
