// Whoever installs our packages, or follows what they say, must not run a stranger's code: each name that they depend on
// is ours (one unscoped name, and our scope), or a package that we install ourselves and know by its checksum.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifests = globSync("packages/*/package.json", { cwd: root }).map((path) => JSON.parse(read(path)));

const OURS = /^(mobilenets|@mobilenets\/[a-z-]+)$/;

interface Locked {
  readonly integrity?: string;
}

/** Names in our lock files that have a checksum. */
const known = new Set<string>();
const LOCKS = [".", "test/peers", "test/fresh/*", "test/consumers", "bench"].map(
  (folder) => `${folder}/package-lock.json`,
);
for (const path of globSync(LOCKS, { cwd: root })) {
  const { packages } = JSON.parse(read(path)) as { packages: Record<string, Locked> };
  for (const [key, { integrity }] of Object.entries(packages)) {
    if (integrity) known.add(key.slice(key.lastIndexOf("node_modules/") + "node_modules/".length));
  }
}

const FIELDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;

test("packages have names of ours, each other's versions, and one command", () => {
  assert.equal(manifests.length, 3);
  for (const { name, version, bin = {}, ...manifest } of manifests) {
    assert.match(name, OURS);
    assert.equal(version, manifests[0].version);
    assert.deepEqual(
      Object.keys(bin).filter((command) => command !== "mobilenets"),
      [],
      `${name} installs other commands`,
    );
    for (const field of FIELDS) {
      for (const [other, range] of Object.entries((manifest[field] ?? {}) as Record<string, string>)) {
        if (OURS.test(other))
          assert.ok(
            manifests.some((m) => m.name === other && m.version === range),
            `${name}: ${other}`,
          );
      }
    }
  }
});

test("every dependency is ours, or locked with a checksum", () => {
  assert.ok(known.size > 50);
  for (const manifest of manifests) {
    for (const field of FIELDS) {
      const strange = Object.entries((manifest[field] ?? {}) as Record<string, string>).filter(
        // A range other than a plain one may point elsewhere: npm:other, git, a URL.
        ([name, range]) => (!OURS.test(name) && !known.has(name)) || /[:/]/.test(range),
      );
      assert.deepEqual(strange, [], `${manifest.name}, ${field}`);
    }
  }
});

test("examples depend on ours in this version, on what is locked, and on all that they import", () => {
  const paths = globSync("examples/*/package.json", { cwd: root });
  assert.equal(paths.length, 5);
  for (const path of paths) {
    const { dependencies, devDependencies = {} } = JSON.parse(read(path));
    const declared: Record<string, string> = { ...dependencies, ...devDependencies };
    for (const [name, range] of Object.entries(declared)) {
      if (OURS.test(name)) assert.equal(range, manifests[0].version, `${path}: ${name}`);
      else assert.ok(known.has(name) && /^\^\d/.test(range), `${path}: ${name} ${range}`);
    }
    for (const script of globSync(path.replace("package.json", "*.js"), { cwd: root })) {
      for (const [, specifier] of read(script).matchAll(IMPORTS)) {
        assert.ok(/^(\.|node:)/.test(specifier) || Object.hasOwn(dependencies, specifier), `${script}: ${specifier}`);
      }
    }
  }
});

/** In imports and re-exports, which begin a line or end in one that a brace begins, and in lazy imports. */
const IMPORTS = /(?:^(?:import|export|\}).*?\bfrom |^import |\bimport\(\s*(?:\/\*.*?\*\/\s*)*)"([^"]+)"/gm;

test("every package that sources import is ours, Node's, a dependency or a peer", () => {
  let imports = 0;
  const names = new Map(manifests.map((manifest) => [manifest.name as string, manifest]));
  for (const [folder, name] of [
    ["mobilenets", "mobilenets"],
    ["cli", "@mobilenets/cli"],
  ]) {
    const { dependencies = {}, peerDependencies = {} } = names.get(name);
    // A worker imports tsx where the program itself runs from sources, that is here.
    const allowed = { ...dependencies, ...peerDependencies, [name]: "", tsx: "" };
    for (const path of globSync([`packages/${folder}/src/**/*.ts`, "!**/*.test.ts"], { cwd: root })) {
      for (const [, specifier] of read(path).matchAll(IMPORTS)) {
        if (/^(\.|#|node:)/.test(specifier)) continue;
        imports++;
        const imported = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
        assert.ok(Object.hasOwn(allowed, imported), `${path} imports ${imported}`);
      }
    }
  }
  assert.ok(imports > 20);
});

test("every package that errors and documents tell people to install or run is ours or locked", () => {
  const texts = globSync(
    [
      "*.md",
      "docs/**/*.md",
      "examples/**/*.md",
      "packages/*/README.md",
      "packages/*/src/**/*.ts",
      "packages/*/bin/*.js",
      "!**/*.test.ts",
    ],
    { cwd: root },
  );
  const WORDS =
    /\b(?:npx|npm (?:install|i|exec|uninstall)|pnpm add|yarn add|bunx)((?:[ \t]+(?:-{1,2}[\w-]+|@?[a-z][\w./-]*))+)/g;
  const found = new Set<string>();
  for (const path of texts) {
    for (const [all, words] of read(path).matchAll(WORDS)) {
      const names = words
        .trim()
        .split(/[ \t]+/)
        .filter((word) => !word.startsWith("-"));
      // What follows the first name is npx's program's own.
      for (const name of all.startsWith("npx") || all.startsWith("bunx") ? names.slice(0, 1) : names) {
        found.add(name);
        assert.ok(OURS.test(name) || known.has(name), `${path}: ${all.trim()}`);
      }
    }
  }
  assert.ok(found.has("mobilenets") && found.size >= 2, [...found].join());
});
