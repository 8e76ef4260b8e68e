import { availableParallelism } from "node:os";
import { escapeHtml } from "../html/escape.ts";
import { page } from "../html/page.ts";
import { thumbnail } from "../html/thumbnail.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import { printable } from "../printable.ts";
import { grouped } from "../table.ts";
import type { Similar } from "./search-folder.ts";
import { Interrupted } from "./search-progress.ts";
import { style } from "./sheet-style.ts";

/** The contact sheet: a page of pictures with their similar ones. */

/** Most pictures of a page. They take some 4 MB, which every browser can scroll. */
export const MOST_PICTURES = 600;

/** Longer sides of the query's thumbnail, and of the others: twice the size on the page, for dense screens. */
const ASKED_PIXELS = 400;
const SIMILAR_PIXELS = 220;

/** Collects the rows of a page until it is full. */
export class SheetRows {
  readonly rows: Similar[] = [];
  /** True if a row had no room. */
  isFull = false;
  #pictures = 0;

  add(row: Similar): void {
    // A first row that is too long is cut, so the page has at least one.
    const similar = this.rows.length === 0 ? row.similar.slice(0, MOST_PICTURES - 1) : row.similar;
    this.isFull ||= this.#pictures + 1 + row.similar.length > MOST_PICTURES;
    if (this.isFull && this.rows.length > 0) return;
    this.#pictures += 1 + similar.length;
    this.rows.push({ ...row, similar });
  }
}

export interface Sheet {
  readonly page: string;
  /** Number of different pictures. */
  readonly pictures: number;
  /** Number of unreadable pictures. The page shows their paths. */
  readonly missing: number;
}

/**
 * Makes a page of pictures with their similar ones. It contains the thumbnails.
 * @throws Interrupted if the user has stopped the work
 */
export async function contactSheet({ rows, isFull }: SheetRows, summary: string, signal: AbortSignal): Promise<Sheet> {
  const asked = new Set(rows.map(({ path }) => path));
  const paths = new Set(rows.flatMap(({ path, similar }) => [path, ...similar.map((other) => other.path)]));
  const copies = new Map<string, string | undefined>();
  const copied = mapAhead(
    paths,
    async (path) => [path, await thumbnail(path, asked.has(path) ? ASKED_PIXELS : SIMILAR_PIXELS)] as const,
    availableParallelism(),
  );
  for await (const [path, copy] of copied) {
    if (signal.aborted) throw new Interrupted("interrupted: the page is not written");
    copies.set(path, copy);
  }
  const cut = isFull
    ? ` The first ${grouped(rows.length)} are shown: a page holds ${grouped(MOST_PICTURES)} pictures at most.`
    : "";
  const body = rows.length > 0 ? rows.map((row) => article(row, copies)).join("\n") : "<p>There is none.</p>";
  return {
    page: page({ title: "Similar pictures", summary: summary + cut, style, body }),
    pictures: paths.size,
    missing: [...copies.values()].filter((copy) => copy === undefined).length,
  };
}

function article({ path, similar }: Similar, copies: ReadonlyMap<string, string | undefined>): string {
  const others = similar.map(
    (other) =>
      `<li>${figure(other.path, copies, `<b>${other.similarity.toFixed(3)}</b> ${shortName(other.path)}`)}</li>`,
  );
  const list = others.length > 0 ? `<ol>${others.join("\n")}</ol>` : '<p class="faint">None.</p>';
  return `<article>
${figure(path, copies, shortName(path))}
${list}
</article>`;
}

function figure(path: string, copies: ReadonlyMap<string, string | undefined>, caption: string): string {
  const name = escapeHtml(printable(path));
  const copy = copies.get(path);
  const picture = copy
    ? `<img src="${copy}" alt="${name}" loading="lazy" decoding="async">`
    : `<div class="gone">${name}</div>`;
  return `<figure title="${name}">${picture}<figcaption>${caption}</figcaption></figure>`;
}

/**
 * The names of file and folder as HTML, with places for line breaks. In many collections, the folder names the subject.
 */
function shortName(path: string): string {
  const name = printable(path.split(/[/\\]/).slice(-2).join("/"));
  return escapeHtml(name).replace(/[/_-]/g, "$&<wbr>");
}
