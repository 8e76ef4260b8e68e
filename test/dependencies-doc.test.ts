// docs/dependencies.md has a line, with a reason, for each package that any package.json here names.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("..", import.meta.url));
const FIELDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;
const rows = readFileSync(join(root, "docs/dependencies.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const documented = new Set(rows.flatMap(([, names]) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name)));

const named = new Set<string>();
for (const path of globSync("**/package.json", { cwd: root, ignore: ["**/node_modules/**", "**/dist/**"] })) {
  const manifest = JSON.parse(readFileSync(join(root, path), "utf8"));
  for (const field of FIELDS) for (const name of Object.keys(manifest[field] ?? {})) named.add(name);
}
const others = [...named].filter((name) => !/^(mobilenets$|@mobilenets\/)/.test(name));

test("each dependency has a line, and each line says what for and why this one", () => {
  assert.ok(others.length >= 30);
  assert.deepEqual(
    others.filter((name) => !documented.has(name)),
    [],
  );
  for (const [, names, by, purpose, why] of rows) assert.ok(by && purpose && why, names);
});

test("no line is left of a package that nothing needs any more", () => {
  assert.deepEqual(
    [...documented].filter((name) => !named.has(name)),
    [],
  );
});
