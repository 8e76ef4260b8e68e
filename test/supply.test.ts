// What is downloaded is what was locked; `names.test.ts` holds the names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const locks = tracked.filter((path) => path.endsWith("package-lock.json"));

interface Entry {
  readonly link?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}

const entriesOf = (lock: string) =>
  Object.entries(json(lock).packages as Record<string, Entry>).filter(
    ([path, { link }]) => path.includes("node_modules/") && !link,
  );

test("every downloaded package has an integrity hash in its lock file", () => {
  assert.ok(locks.length >= 3);
  for (const lock of locks) {
    const bare = entriesOf(lock).filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==/.test(integrity ?? ""));
    assert.deepEqual(
      bare.map(([path]) => path),
      [],
      lock,
    );
    const elsewhere = entriesOf(lock).filter(([, { resolved }]) => resolved !== undefined && !/^https:/.test(resolved));
    assert.deepEqual(
      elsewhere.map(([path]) => path),
      [],
      lock,
    );
  }
});
