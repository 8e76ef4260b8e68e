import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The playground's style sheet, which begins with its colours. */
export const PLAYGROUND = fileURLToPath(new URL("../../playground/src/style.css", import.meta.url));

/** The playground's colours as declarations of CSS, for light pages and for dark ones. */
export function themes(css: string = readFileSync(PLAYGROUND, "utf8")): {
  readonly light: string;
  readonly dark: string;
} {
  const found = /^:root \{(.*?)^\}\s*@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}/ms.exec(css);
  if (!found) throw new Error(`${PLAYGROUND}: does not begin with colours for light and dark pages`);
  const [, light, dark] = found;
  return { light: light.replace(/color-scheme:.*?;/, "").trim(), dark: dark.trim() };
}
