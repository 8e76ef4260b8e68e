// Runs every *.test.ts with node's own test runner (tsx strips the types, so Node 20 can run them too).
// Usage: node scripts/test.mjs [glob ...]; the tests run on the Node that runs this file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { globSync } from "tinyglobby";

const patterns = process.argv.slice(2);
const files = globSync(patterns.length > 0 ? patterns : ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"]).sort();
if (files.length === 0) {
  console.error(`no test file matches ${patterns.join(" ")}`);
  process.exit(1);
}
const scratch = mkdtempSync(join(tmpdir(), "mobilenets-tests-"));
const flags = ["--import", "tsx", "--conditions", "source", "--test", `--test-concurrency=${availableParallelism()}`];
const { status } = spawnSync(process.execPath, [...flags, ...entriesFor(files)], { stdio: "inherit" });
rmSync(scratch, { recursive: true });
process.exit(status ?? 1);

/**
 * The runner's entries. Each is a process, which takes half a second to start: unit tests of the packages share one per
 * folder; crossing tests have separate ones.
 */
function entriesFor(files) {
  const groups = new Map();
  for (const file of files) {
    const folder = /^packages\/\w+\/src\/\w+(?=\/)/.exec(file)?.[0] ?? file;
    groups.set(folder, [...(groups.get(folder) ?? []), file]);
  }
  return Array.from(groups, ([folder, members]) => {
    if (members.length === 1) return members[0];
    const entry = join(scratch, `${folder.replaceAll("/", "-")}.test.mjs`);
    writeFileSync(entry, members.map((file) => `import "${pathToFileURL(resolve(file))}";\n`).join(""));
    return entry;
  });
}
