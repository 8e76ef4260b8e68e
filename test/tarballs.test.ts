// What `npm publish` would send: its contents, its size, and what they promise each other.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { checkBuild } from "./cli/check-build.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["mobilenets", "weights-imagenet", "cli"] as const;
type Folder = (typeof folders)[number];

/**
 * Bytes, packed. The library holds every door twice, for Node and for pages, with maps, and seven modules of kernels; the
 * command line carries the playground and the map's page.
 */
const LIMITS: Record<Folder, number> = { mobilenets: 3e6, "weights-imagenet": 9.5e6, cli: 1e6 };

interface Tarball {
  readonly size: number;
  readonly files: readonly string[];
}

const tarballs = {} as Record<Folder, Tarball>;

before(async () => {
  checkBuild();
  for (const folder of folders) {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: join(root, "packages", folder) });
    const [{ size, files }] = JSON.parse(stdout) as [{ size: number; files: { path: string }[] }];
    tarballs[folder] = { size, files: files.map(({ path }) => path) };
  }
});

const read = (folder: Folder, path: string) => readFileSync(join(root, "packages", folder, path), "utf8");
const manifestOf = (folder: Folder) => JSON.parse(read(folder, "package.json"));

/** All files that a value of the manifest names, those that only this workspace uses left out. */
function targetsOf(value: unknown): string[] {
  if (typeof value === "string") return [value.replace("./", "")];
  return Object.entries(value as object).flatMap(([key, inner]) => (key === "source" ? [] : targetsOf(inner)));
}

for (const folder of folders) {
  test(`${folder}: the size is within its limit`, () => {
    const { size } = tarballs[folder];
    assert.ok(size > 10_000 && size <= LIMITS[folder], `${size} bytes`);
  });

  test(`${folder}: licence, readme and the fields that npm's page shows are there`, () => {
    const { files } = tarballs[folder];
    for (const name of ["LICENSE", "README.md", "package.json"]) assert.ok(files.includes(name), name);
    assert.equal(read(folder, "LICENSE"), readFileSync(join(root, "LICENSE"), "utf8"));
    const manifest = manifestOf(folder);
    assert.equal(manifest.license, "Apache-2.0");
    assert.equal(manifest.repository.directory, `packages/${folder}`);
    for (const url of [manifest.repository.url, manifest.homepage, manifest.bugs]) {
      assert.match(url, /^(git\+)?https:\/\/github\.com\/mobilenets\/mobilenets/);
    }
    assert.ok(manifest.keywords.length >= 5);
  });

  test(`${folder}: what the manifest names is packed`, () => {
    const { main, types, browser, exports, imports = {}, bin = {} } = manifestOf(folder);
    const fields = [main, types, browser, exports, imports, bin].filter((field) => field !== undefined);
    const targets = fields.flatMap(targetsOf);
    assert.ok(targets.length >= 2);
    const { files } = tarballs[folder];
    for (const target of targets) {
      const [before, after] = target.split("*");
      const there = files.some((file) => file === target || (after && file.startsWith(before) && file.endsWith(after)));
      assert.ok(there, target);
    }
  });

  test(`${folder}: neither tests nor sources are packed`, () => {
    const strange = /\.test\.|\.wat$|\.tsbuildinfo$|(^|\/)(src|scripts|test|golden)\/|(?<!\.d)\.ts$/;
    assert.deepEqual(
      tarballs[folder].files.filter((file) => strange.test(file)),
      [],
    );
  });
}

test("the library and the command line: each script of dist has a source of today; the library's have maps that hold it", () => {
  for (const folder of ["mobilenets", "cli"] as const) {
    const scripts = tarballs[folder].files.filter((file) => /^dist\/.*\.js$/.test(file));
    assert.ok(scripts.length > 50);
    for (const script of scripts) {
      const text = read(folder, script);
      if (!script.startsWith("dist/web/")) {
        const source = script.replace("dist/", "src/").replace(/\.js$/, ".ts");
        assert.ok(
          existsSync(join(root, "packages", folder, source)),
          `${folder}/${script} is left from an older build`,
        );
      }
      if (folder === "cli") {
        assert.doesNotMatch(text, /\n\/\/# sourceMappingURL=/, script);
        continue;
      }
      const [, named] = /\n\/\/# sourceMappingURL=(.*)\n?$/.exec(text) ?? [];
      // Texts have no lines to map: bytes in hexadecimal digits, the run time of built files, the classes of ImageNet.
      const isText =
        /^(?:export )?(?:var|const) \w+ ?= ?["'`](0061736d|\/\*! mobilenets |uvp8 tench)|^export \{.*\} from ".*\/web\//m.test(
          text,
        );
      if (isText && named === undefined) continue;
      assert.equal(named, `${script.split("/").at(-1)}.map`, script);
      assert.ok(tarballs[folder].files.includes(`${script}.map`), `${script}.map`);
      const { sources, sourcesContent } = JSON.parse(read(folder, `${script}.map`));
      assert.equal(sourcesContent?.length, sources.length, script);
      for (const source of sourcesContent) assert.equal(typeof source, "string", script);
    }
  }
});

test("the library: each file of dist is reached from a door", () => {
  const manifest = manifestOf("mobilenets");
  const { files } = tarballs.mobilenets;
  const inDist = new Set(files.filter((file) => file.startsWith("dist/") && !file.endsWith(".map")));
  const reached = new Set<string>();
  function reach(file: string): void {
    if (reached.has(file)) return;
    assert.ok(inDist.has(file), `${file} is imported, but not packed`);
    reached.add(file);
    if (file.endsWith(".wasm")) return;
    const specifiers = read("mobilenets", file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`]([.#][^"'`]+)["'`]/g);
    for (const [, specifier] of specifiers) {
      if (specifier.startsWith("#")) {
        for (const target of targetsOf(manifest.imports[specifier])) reach(target);
      } else {
        const path = join(file, "..", specifier);
        reach(file.endsWith(".d.ts") ? path.replace(/(\.d)?\.ts$/, ".d.ts") : path);
      }
    }
  }
  for (const target of targetsOf(manifest.exports)) {
    const [before, after] = target.split("*");
    for (const file of inDist) {
      if (file === target || (after && file.startsWith(before) && file.endsWith(after))) reach(file);
    }
  }
  assert.deepEqual(
    [...inDist].filter((file) => !reached.has(file)),
    [],
  );
});

for (const [what, path] of [
  ["the bundle for pages", "dist/web/index.js"],
  ["the scripts for Node", "dist/index.js"],
]) {
  test(`the library: an error in ${what} is mapped back to its sources`, async () => {
    const { href } = pathToFileURL(join(root, "packages/mobilenets", path));
    const script = `import(${JSON.stringify(href)}).then(({ load }) => load("mobilenet_v1", { alpha: -1, weights: "random" }))
    .catch((error) => console.log(error.stack))`;
    const { stdout } = await run(process.execPath, ["--enable-source-maps", "--eval", script]);
    assert.match(stdout, /^OptionError: /);
    const frames = [...stdout.matchAll(/^ +at .*?([\w-]+\/src\/[\w/-]+\.ts):(\d+):(\d+)\)?$/gm)];
    assert.ok(frames.length >= 3, stdout);
    const load = frames.find(([frame, file]) => /load/.test(frame) && file === "mobilenets/src/load.ts");
    assert.ok(load, stdout);
    const line = read("mobilenets", "src/load.ts").split("\n")[Number(load[2]) - 1];
    assert.match(line, /fromNetwork\(|buildGraph\(/);
  });
}

test("the library's types need Node's types or a browser's, and nothing else", async () => {
  const doors = Object.entries(manifestOf("mobilenets").exports as Record<string, { types?: string }>).flatMap(
    ([, { types }]) => (types ? [join(root, "packages/mobilenets", types)] : []),
  );
  assert.equal(doors.length, 13);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = "--noEmit --strict --skipLibCheck false --target es2022 --module nodenext --ignoreConfig".split(" ");
  for (const host of [
    ["--lib", "es2022", "--types", "node"],
    ["--lib", "es2022,dom", "--types", ""],
  ]) {
    await run(process.execPath, [tsc, ...options, ...host, ...doors], { cwd: root }).catch((error) => {
      assert.fail(`${host.join(" ")}\n${error.stdout}`);
    });
  }
});
