// docs/faq.md and docs/errors.md quote error messages. Each quotation must stand in the sources, or nobody finds it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const sources = globSync(["packages/*/src/**/*.ts", "packages/*/bin/*.js", "!**/*.test.ts"], { cwd: root })
  .map((path) => withoutComments(read(path)))
  .join("\n");

/** Messages, not what is said about them. */
function withoutComments(code: string): string {
  return code.replace(/\/\*.*?\*\//gs, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Whether a text stands there, with a template's expression for each `…`. */
function isThrown(text: string): boolean {
  const parts = text.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(parts.join("\\$\\{[^\\n]+?\\}")).test(sources);
}

test("each error text that docs/faq.md explains is one that the sources throw", () => {
  const quoted = [...read("docs/faq.md").matchAll(/^### `(.*)`$/gm)].map(([, text]) => text);
  assert.ok(quoted.length >= 20);
  assert.equal(new Set(quoted).size, quoted.length);
  assert.deepEqual(
    quoted.filter((text) => !isThrown(text)),
    [],
  );
  assert.ok(!isThrown("a message that is nowhere") && !isThrown("needed to …: npm remove …"));
});

test("each text has its explanation", () => {
  for (const section of read("docs/faq.md")
    .split(/^###? /m)
    .slice(1)) {
    if (section.startsWith("`")) assert.match(section, /^`.*`\n\n\S.{40}/s, section);
  }
});

/** Tables of docs/errors.md by class: the quoted messages. */
const classes = new Map(
  read("docs/errors.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      section.split("\n", 1)[0],
      [...section.matchAll(/^\| `(.*?)` \| (.*) \|$/gm)].map(([, text, advice]) => ({ text, advice })),
    ]),
);

test("docs/errors.md has a section for each class of errors, with messages that the sources throw", () => {
  const declared = [...sources.matchAll(/class (\w+) extends (?:MobileNets|Engine)Error\b/g)].map(([, name]) => name);
  const internal = ["NoWorkers"];
  const named = [...classes.keys()].filter((name) => name.endsWith("Error"));
  assert.ok(named.length >= 9);
  assert.deepEqual(named.sort(), declared.filter((name) => !internal.includes(name)).sort());
  for (const name of named) {
    const rows = classes.get(name)!;
    assert.ok(rows.length > 0, name);
    assert.deepEqual(
      rows.filter(({ text }) => !isThrown(text)).map(({ text }) => text),
      [],
      name,
    );
    for (const { text, advice } of rows) assert.match(advice, /\S.{12}/, text);
  }
});
