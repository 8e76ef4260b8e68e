// Links the packages of test/peers into the workspace's node_modules, for tests and for the library's optional imports
// under test. `npm ci` removes the links.
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const peers = join(root, "test/peers");
const { dependencies } = JSON.parse(readFileSync(join(peers, "package.json"), "utf8"));
for (const name of Object.keys(dependencies)) {
  const link = join(root, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(relative(dirname(link), join(peers, "node_modules", name)), link);
}
