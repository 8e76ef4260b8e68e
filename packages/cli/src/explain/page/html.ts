import { escapeHtml } from "../../html/escape.ts";
import type { Grid } from "../../table.ts";
import { unbroken } from "../units.ts";

/** Elements of the page, made from texts and drawings. */

export const paragraphs = (texts: readonly string[]): string =>
  texts.map((text) => `<p>${unhyphenated(escapeHtml(unbroken(text)))}</p>`).join("\n");

/** Prevents a line break inside `h-swish`. */
const unhyphenated = (html: string) => html.replace(/h-swish/gi, '<span class="one">$&</span>');

/** @param notes lines under the drawing, as HTML */
export function figure(caption: string, small: string, drawing: string, notes = ""): string {
  const detail = small === "" ? "" : `<small>${escapeHtml(unbroken(small))}</small>`;
  return `<figure><figcaption>${escapeHtml(unbroken(caption))}${detail}</figcaption>${drawing}${notes}</figure>`;
}

export const row = (...figures: readonly string[]): string => `<div class="row">\n${figures.join("\n")}\n</div>`;

export function key(entries: readonly (readonly [color: string, text: string])[]): string {
  const items = entries.map(([color, text]) => {
    const edge = color === "linear" ? "; --edge: 2px" : "";
    return `<span style="--dot: ${color === "linear" ? "var(--card)" : color}${edge}">${escapeHtml(text)}</span>`;
  });
  return `<p class="key">${items.join("")}</p>`;
}

interface TableOptions {
  /** Indices of columns that may have several lines. */
  readonly wrap?: readonly number[];
  /** The class of a row. */
  readonly kind?: (index: number) => string;
}

export function table({ header, rows, align }: Grid, { wrap = [], kind = () => "" }: TableOptions = {}): string {
  const attribute = (names: readonly string[]) => {
    const used = names.filter((name) => name !== "");
    return used.length > 0 ? ` class="${used.join(" ")}"` : "";
  };
  const cells = (tag: "td" | "th", texts: readonly string[]) =>
    texts
      .map((text, i) => {
        const names = [align[i] === "l" ? "words" : "", wrap.includes(i) ? "wrap" : ""];
        return `<${tag}${attribute(names)}>${escapeHtml(text)}</${tag}>`;
      })
      .join("");
  const body = rows.map((row, i) => `<tr${attribute([kind(i)])}>${cells("td", row)}</tr>`);
  return `<div class="scroll"><table>
<thead><tr>${cells("th", header)}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

export const details = (title: string, content: string): string =>
  `<details><summary>${escapeHtml(title)}</summary>${content}</details>`;
