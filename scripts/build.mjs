// Builds the packages and the playground. With --if-needed it builds only after changes: `npm ci` builds, so that
// `npm test` directly after it needs no second build.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const cwd = fileURLToPath(new URL("..", import.meta.url));
/** A file whose time is that of the last successful build. */
const mark = join(cwd, "node_modules/.cache/mobilenets-build");
const results = ["packages/mobilenets/dist/web", "packages/cli/dist", "packages/cli/playground"];

/** The newest time of sources. Folders count too, because removing a file changes their time; generated files do not. */
function newestSource() {
  const patterns = ["packages/*/**", "apps/playground/**", "package-lock.json", "tsconfig*.json", "scripts/build.mjs"];
  const ignore = ["**/node_modules/**", "**/dist/**", "**/generated/**", "packages/cli/playground/**", "**/*.test.ts"];
  const paths = globSync(patterns, { cwd, ignore, onlyFiles: false, expandDirectories: false, dot: true });
  return Math.max(...paths.map((path) => statSync(join(cwd, path)).mtimeMs));
}

const isBuilt = () =>
  existsSync(mark) && results.every((path) => existsSync(join(cwd, path))) && statSync(mark).mtimeMs > newestSource();

if (process.argv.includes("--if-needed") && isBuilt()) {
  console.error("built already: no source has changed since");
} else {
  rmSync(mark, { force: true });
  for (const workspace of ["mobilenets", "@mobilenets/cli", "@mobilenets/playground"]) {
    const { status } = spawnSync("npm", ["run", "build", "-w", workspace], { cwd, stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, "");
}
