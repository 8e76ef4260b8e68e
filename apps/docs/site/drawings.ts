import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { fileOf } from "./links.ts";

/**
 * Puts SVG drawings into the page itself, so that they take its colours when the reader switches between light and dark.
 * On GitHub they are pictures, with the colours of their own `<style>`, which is left out here.
 */
export function inlineDrawings(md: MarkdownRenderer, root: string): void {
  const image = md.renderer.rules.image!;
  md.renderer.rules.image = (tokens, i, options, env, self) => {
    const source = tokens[i].attrGet("src") ?? "";
    if (!source.endsWith(".svg") || /^[a-z]+:/.test(source)) return image(tokens, i, options, env, self);
    const svg = readFileSync(join(root, dirname(fileOf(env, root)), source), "utf8");
    return `<span class="drawing-place" v-pre>${withoutStyle(svg)}</span>`;
  };
}

const withoutStyle = (svg: string): string =>
  svg
    .replace(/<\?xml.*?\?>|<!--.*?-->|<style>.*?<\/style>/gs, "")
    .replace(/\n\s*/g, " ")
    .trim();
