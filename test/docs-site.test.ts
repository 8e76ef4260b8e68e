// The documentation site (apps/docs) is made of the files in `docs`: every page is in a sidebar, translations have the code
// of what they translate, drawings are those of their functions, and samples run somewhere.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { allDrawings } from "../apps/docs/drawings/all.ts";
import { addressOf, GENERATED, pages } from "../apps/docs/site/pages.ts";
import { documents } from "../scripts/fresh/samples.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const shown = pages.map(({ path }) => path);
const written = shown.filter((path) => !path.startsWith(GENERATED));
/** Of a Markdown file, with its language. */
const blocksOf = (markdown: string) =>
  [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }));

test("every page in docs/ is in a sidebar of the site, and every page of a sidebar is there", () => {
  const inDocs = globSync("docs/**/*.md", { cwd: root });
  assert.ok(inDocs.length >= 25);
  assert.deepEqual(
    inDocs.filter((path) => !shown.includes(path)),
    [],
    "add it to apps/docs/site/pages.ts",
  );
  assert.deepEqual(
    written.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

test("no two pages have one address", () => {
  const addresses = shown.map(addressOf);
  assert.equal(new Set(addresses).size, addresses.length);
  assert.equal(addressOf("docs/README.md"), "index.md");
  assert.equal(addressOf("docs/zh/README.md"), "zh/index.md");
  assert.equal(addressOf("recipes/scale/README.md"), "recipes/scale.md");
  assert.equal(addressOf("ARCHITECTURE.md"), "architecture.md");
});

test("a Chinese page has the code of the English one, which is run", () => {
  const chinese = written.filter((path) => path.startsWith("docs/zh/"));
  assert.ok(chinese.length >= 3);
  for (const path of chinese) {
    const english = read(path.replace("docs/zh/", "docs/"));
    assert.deepEqual(blocksOf(read(path)), blocksOf(english), path);
  }
});

/** Pages whose samples run in a test of their own. */
const elsewhere: Readonly<Record<string, string>> = {
  "docs/bundlers.md": "test/bundlers-doc.test.ts",
  "docs/explain.md": "test/explain-doc.test.ts",
};

test("every program and page that the site shows is run by a test", () => {
  const run = new Set(globSync(documents, { cwd: root }));
  const missing = written.filter((path) => {
    const hasCode = blocksOf(read(path)).some(({ language }) => ["ts", "js", "html"].includes(language));
    return hasCode && !run.has(path) && !path.startsWith("docs/zh/") && !(path in elsewhere);
  });
  assert.deepEqual(missing, [], "add it to `documents` in scripts/fresh/samples.ts");
  for (const [path, file] of Object.entries(elsewhere)) assert.ok(read(file).includes(path), file);
});

test("docs/drawings has what the functions draw", () => {
  const drawings = allDrawings();
  assert.deepEqual(globSync("*.svg", { cwd: join(root, "docs/drawings") }).sort(), Object.keys(drawings).sort());
  for (const [name, svg] of Object.entries(drawings)) {
    assert.equal(read(`docs/drawings/${name}`), svg, "npm run drawings --prefix apps/docs");
  }
});

test("the lesson's figures are some that there are", () => {
  const names = /figureNames = \[(.*?)\]/.exec(read("apps/docs/figures/figures.ts"))![1].match(/\w+/g)!;
  for (const path of ["docs/lesson.md", "docs/zh/lesson.md"]) {
    const used = [...read(path).matchAll(/<LessonFigure name="(\w+)">/g)].map(([, name]) => name);
    assert.deepEqual(used, names, path);
  }
});
