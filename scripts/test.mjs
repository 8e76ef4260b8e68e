// Runs every *.test.ts with node's own test runner (tsx strips the types, so Node 20 can run them too).
// Usage: node scripts/test.mjs [glob ...]; the node that runs this file is the node that is tested.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { globSync } from "tinyglobby";

const patterns = process.argv.slice(2);
const files = globSync(patterns.length > 0 ? patterns : ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"]).sort();
if (files.length === 0) {
  console.error(`no test file matches ${patterns.join(" ")}`);
  process.exit(1);
}
const flags = ["--import", "tsx", "--conditions", "source", "--test", `--test-concurrency=${availableParallelism()}`];
const { status } = spawnSync(process.execPath, [...flags, ...files], { stdio: "inherit" });
process.exit(status ?? 1);
