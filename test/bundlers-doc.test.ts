// docs/bundlers.md shows settings; `npm run test:fresh` tries those of test/fresh. They must be the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { hosts } from "../scripts/fresh/hosts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const text = readFileSync(join(root, "docs/bundlers.md"), "utf8");
/** Without blanks, as formatters break lines. */
const bare = (code: string) => code.replace(/\s/g, "");
const templates = globSync(["test/fresh/**/*.{ts,tsx,js,json}", "!**/package-lock.json"], { cwd: root })
  .map((path) => bare(readFileSync(join(root, path), "utf8")))
  .join("\n");

test("each line of code in docs/bundlers.md stands in a project that is tried", () => {
  const blocks = [...text.matchAll(/^```(js|ts|json)\n(.*?)^```$/gms)].map(([, , code]) => code);
  assert.ok(blocks.length >= 8);
  for (const line of blocks.join("").split("\n")) {
    assert.ok(templates.includes(bare(line).replace(/,$/, "")), line);
  }
});

test("the entries and files of the commands are those of projects that are tried", () => {
  const worker = readFileSync(join(root, "docs/worker.md"), "utf8");
  const commands = [...`${text}\n${worker}`.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, code]) => code.split("\n"));
  const tools = commands.filter((line) => /^(esbuild|rollup) /.test(line));
  assert.equal(tools.length, 3);
  for (const line of tools) {
    const [tool, ...words] = line.split(" ");
    const { scripts } = JSON.parse(readFileSync(join(root, "test/fresh", tool, "package.json"), "utf8"));
    const used = Object.values<string>(scripts).join(" ").split(" ");
    for (const word of words.filter((one) => !/^index\.|^dist$/.test(one)))
      assert.ok(used.includes(word), `${tool}: ${word}`);
  }
});

test("the table has every host, and all gave Node's result", () => {
  const [, table] = /<!-- test:fresh -->\n(.*?)\n<!-- \/test:fresh -->/s.exec(text) ?? [];
  const rows = table.split("\n").slice(2);
  for (const { title } of hosts)
    assert.ok(
      rows.some((row) => row.startsWith(`| ${title}`)),
      title,
    );
  for (const row of rows) assert.match(row, /\| yes \| \d+ \| .* \| yes \| (yes|–) \| (yes|–) \|$/);
});

test("the policy is the one that pages are served with", () => {
  const [, policy] = /^```\n(default-src .*)\n```$/m.exec(text) ?? [];
  const page = readFileSync(join(root, "scripts/fresh/page.ts"), "utf8");
  for (const part of policy.split("; ")) assert.ok(page.includes(part), part);
});
