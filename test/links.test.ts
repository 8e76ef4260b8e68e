// Links of documents that lead into this repository: to a file that is there, and to a heading that the file has.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { anchorOf } from "../apps/docs/site/anchor.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const OURS = "https://github.com/mobilenets/mobilenets/blob/main/";

/** As GitHub makes them of headings. */
const anchorsOf = (markdown: string): Set<string> =>
  new Set([...withoutCode(markdown).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => anchorOf(heading)));

const withoutCode = (markdown: string) => markdown.replace(/^```.*?^```$/gms, "");

/** @returns what is wrong with the links of a document */
function broken(path: string, markdown: string): string[] {
  const text = withoutCode(markdown).replace(/`[^`\n]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?(?:src|href)="([^"]+)"/g)].map(
    ([, a, b]) => a ?? b,
  );
  return links.flatMap((link) => {
    const inside = link.startsWith(OURS) ? `/${link.slice(OURS.length)}` : link;
    if (/^[a-z]+:/.test(inside)) return [];
    const [file, anchor] = inside.split("#");
    const target = file === "" ? path : join(file.startsWith("/") ? "." : dirname(path), file);
    if (!existsSync(join(root, target))) return [`${path}: ${link}`];
    if (anchor === undefined) return [];
    const headings = statSync(join(root, target)).isFile() ? readFileSync(join(root, target), "utf8") : "";
    return anchorsOf(headings).has(anchor) ? [] : [`${path}: ${link}: no such heading`];
  });
}

test("links into this repository lead somewhere", () => {
  const paths = globSync("**/*.md", { cwd: root, ignore: ["**/node_modules/**", "**/dist/**", "**/generated/**"] });
  assert.ok(paths.length >= 15);
  assert.deepEqual(
    paths.flatMap((path) => broken(path, readFileSync(join(root, path), "utf8"))),
    [],
  );
});

test("a link to no file, or to no heading, is found", () => {
  const markdown = '[a](no-file.md) [b](README.md#nowhere) <img src="no.png"> [c](README.md#install) `[d](no)`\n';
  assert.deepEqual(broken("x.md", markdown), [
    "x.md: no-file.md",
    "x.md: README.md#nowhere: no such heading",
    "x.md: no.png",
  ]);
  assert.deepEqual(broken("docs/x.md", `[a](../README.md#install) [b](${OURS}docs/lab.md)\n`), []);
});
