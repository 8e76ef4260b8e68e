import { availableParallelism } from "node:os";
import { escapeHtml } from "../html/escape.ts";
import { page } from "../html/page.ts";
import { thumbnail } from "../html/thumbnail.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import { printable } from "../printable.ts";
import { Interrupted } from "../similar/search-progress.ts";
import { style } from "../similar/sheet-style.ts";
import { grouped } from "../table.ts";
import type { Duplicate, DuplicateGroup } from "./find.ts";

/** The page with the groups of copies. */

/** Most pictures of a page. They take some 4 MB, which every browser can scroll. */
const MOST_PICTURES = 600;
const PIXELS = 320;

/** Makes a page with all groups: the picture to keep, then its copies. */
export async function reportPage(
  groups: readonly DuplicateGroup[],
  summary: string,
  signal: AbortSignal,
): Promise<string> {
  const shown: DuplicateGroup[] = [];
  let count = 0;
  for (const group of groups) {
    count += group.pictures.length;
    if (count > MOST_PICTURES && shown.length > 0) break;
    shown.push({ ...group, pictures: group.pictures.slice(0, MOST_PICTURES) });
  }
  const copies = new Map<string, string | undefined>();
  const paths = shown.flatMap(({ pictures }) => pictures.map(({ path }) => path));
  const made = mapAhead(paths, async (path) => [path, await thumbnail(path, PIXELS)] as const, availableParallelism());
  for await (const [path, copy] of made) {
    if (signal.aborted) throw new Interrupted("interrupted: the page is not written");
    copies.set(path, copy);
  }
  const isCut = groups.reduce((sum, { pictures }) => sum + pictures.length, 0) > paths.length;
  const cut = isCut ? ` The first ${grouped(paths.length)} pictures are shown.` : "";
  const body = shown.length > 0 ? shown.map((group) => article(group, copies)).join("\n") : "<p>There are none.</p>";
  return page({ title: "Duplicate pictures", summary: summary + cut, style, body });
}

function article(
  { pictures: [best, ...others] }: DuplicateGroup,
  copies: ReadonlyMap<string, string | undefined>,
): string {
  const list = others.map((one) => `<li>${figure(one, likenessOf(one, best), copies)}</li>`);
  return `<article>\n${figure(best, "<b>keep</b>", copies)}\n<ol>${list.join("\n")}</ol>\n</article>`;
}

function likenessOf({ similarity, sha256 }: Duplicate, best: Duplicate): string {
  if (sha256 === best.sha256) return "<b>same file</b>";
  return similarity === 0 ? "<b>like another one, stays</b>" : `<b>${similarity.toFixed(3)}</b>`;
}

function figure(one: Duplicate, mark: string, copies: ReadonlyMap<string, string | undefined>): string {
  const name = escapeHtml(printable(one.path));
  const copy = copies.get(one.path);
  const picture = copy
    ? `<img src="${copy}" alt="${name}" loading="lazy" decoding="async">`
    : `<div class="gone">${name}</div>`;
  const short = escapeHtml(printable(one.path.split(/[/\\]/).slice(-2).join("/"))).replace(/[/_-]/g, "$&<wbr>");
  const facts = `${one.width} × ${one.height}, ${Math.ceil(one.bytes / 1000)} kB${one.exif ? ", EXIF" : ""}`;
  return `<figure title="${name}">${picture}<figcaption>${mark} ${facts}<br>${short}</figcaption></figure>`;
}
