import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkBuild } from "./cli/check-build.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const doc = await readFile(join(root, "docs/explain.md"), "utf8");
const blocks = (language: string) =>
  [...doc.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, is]) => is === language).map(([, , code]) => code);

/** A reader's project. */
let project: string;

before(async () => {
  checkBuild();
  project = await mkdtemp(join(tmpdir(), "mobilenets-explain-"));
  await symlink(join(root, "node_modules"), join(project, "node_modules"));
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
});
after(() => rm(project, { recursive: true }));

test("docs/explain.md: the code prints what it says", async () => {
  const [code] = blocks("ts");
  await writeFile(join(project, "sample.ts"), code);
  const { stdout } = await run(process.execPath, ["--import", "tsx", "sample.ts"], { cwd: project });
  const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  assert.equal(promised.length, 3);
  assert.deepEqual(stdout.trimEnd().split("\n"), promised);
});

test("docs/explain.md: the commands run, and the picture is there and small", async () => {
  const commands = blocks("sh").flatMap((block) => block.match(/^npx mobilenets .*$/gm) ?? []);
  assert.ok(commands.length >= 4);
  for (const command of commands) {
    const words = command
      .replace(/ +#.*$/, "")
      .split(" ")
      .slice(2);
    const { stdout } = await run(process.execPath, [join(root, "packages/cli/bin/mobilenets.js"), ...words], {
      cwd: project,
    });
    assert.notEqual(stdout, "", command);
  }
  assert.match(await readFile(join(project, "lesson.html"), "utf8"), /Why 108 becomes 39/);
  const [, picture] = /!\[.+\]\((.+)\)/.exec(doc)!;
  assert.ok((await stat(join(root, "docs", picture))).size <= 150_000);
});
