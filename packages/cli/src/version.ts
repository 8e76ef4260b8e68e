import { readFileSync } from "node:fs";

/** Of this package. `package.json` lies one folder up both from `src` and from `dist`. */
export const version: string = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
