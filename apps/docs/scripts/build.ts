// Makes the documentation site in `apps/docs/dist`: API and messages from the sources, then the pages, then every link of
// the result is followed.
// Usage: npm run docs (which installs what this needs)
//   --only generate|api|build|check   one part alone
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "vitepress";
import { writeApi } from "../site/api.ts";
import { checkLinks } from "../site/check-links.ts";
import { writeMessages } from "../site/messages.ts";
import { GENERATED } from "../site/pages.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const root = join(folder, "../..");
const { values } = parseArgs({ options: { only: { type: "string" } } });

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  console.error(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

const wants = (part: string) => values.only === undefined || values.only === part;

async function checkTypes(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(folder, "node_modules/typescript/bin/tsc"), "-p", folder]).catch(
    ({ stdout }) => {
      throw new Error(stdout);
    },
  );
}

/** Beside this process: both take a processor. */
const part = (name: string) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", fileURLToPath(import.meta.url), "--only", name], {
    cwd: folder,
  }).then(({ stderr }) => process.stderr.write(stderr));

if (values.only === "api") await timed("API", () => writeApi(root, join(root, GENERATED, "api")));
if (values.only === undefined || values.only === "generate") {
  const api = part("api");
  const count = await timed("messages", () => writeMessages(root, join(root, GENERATED)));
  console.error(`${count} messages`);
  await api;
}
if (wants("build")) await timed("types and pages", () => Promise.all([checkTypes(), build(folder)]));
if (wants("check")) {
  const count = await timed("links", () => checkLinks(join(folder, "dist")));
  console.error(`${count} links lead somewhere`);
}
