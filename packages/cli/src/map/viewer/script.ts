import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readMapData } from "./data.ts";
import { makePainter } from "./painter.ts";
import { makePanel } from "./panel.ts";
import { makeSmallPictures } from "./small-pictures.ts";
import { startMap } from "./start.ts";

/** Libraries of the page. Each needs those before it. */
const LIBRARIES = [
  "d3-dispatch",
  "d3-selection",
  "d3-drag",
  "d3-color",
  "d3-interpolate",
  "d3-timer",
  "d3-ease",
  "d3-transition",
  "d3-zoom",
];

/**
 * Makes the script of a page: d3-zoom with its libraries, as published for pages, and our functions as text. These
 * functions use each other by name, and no other values of their modules.
 */
export async function viewerScript(): Promise<string> {
  const zoom = createRequire(import.meta.url).resolve("d3-zoom");
  const require = createRequire(zoom);
  const libraries = LIBRARIES.map(async (name) => {
    const entry = name === "d3-zoom" ? zoom : require.resolve(name);
    return readFile(join(dirname(entry), "..", "dist", `${name}.min.js`), "utf8");
  });
  const ours = [readMapData, makeSmallPictures, makePainter, makePanel, startMap].map(String);
  // Functions that esbuild has compiled call this helper.
  const names = "const __name = (one) => one;";
  return [...(await Promise.all(libraries)), '"use strict";', names, ...ours, "startMap();"].join("\n");
}
