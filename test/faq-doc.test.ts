// docs/faq.md quotes error messages. Each quotation must stand in the sources, or nobody finds it.
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
