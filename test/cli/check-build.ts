import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));

/** Throws if the built packages are older than their sources: the tests would test yesterday's code. */
export function checkBuild(): void {
  for (const [name, entry] of [
    ["mobilenets", "index.js"],
    ["cli", "main.js"],
  ]) {
    const cwd = join(packages, name);
    const builtAt = statSync(join(cwd, "dist", entry), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const sources = globSync(["src/**/*.ts", "!**/*.test.ts", "!**/generated/**"], { cwd });
    const newer = sources.find((file) => statSync(join(cwd, file)).mtimeMs > builtAt);
    if (newer) throw new Error(`packages/${name}/${newer} has changed since the last build: npm run build`);
  }
}
