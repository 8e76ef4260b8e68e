import { readFileSync } from "node:fs";

/** A way into the library: what an import says, and the file behind it. */
export interface Door {
  /** `mobilenets/graph` */
  readonly name: string;
  /** The name of its page, without an ending: `graph`. */
  readonly page: string;
  /** From the library's folder. */
  readonly source: string;
}

const manifest = JSON.parse(
  readFileSync(new URL("../../../packages/mobilenets/package.json", import.meta.url), "utf8"),
);

/** All that `package.json` exports, in its order. */
export const doors: readonly Door[] = Object.entries(
  manifest.exports as Readonly<Record<string, { readonly source?: string }>>,
).flatMap(([path, { source }]) => {
  if (source === undefined) return [];
  const inside = path.slice(2);
  const [name, page] = inside ? [`mobilenets/${inside}`, inside.replaceAll("/", "-")] : ["mobilenets", "main"];
  return [{ name, page, source: source.slice(2) }];
});
