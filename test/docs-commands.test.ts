// Every command line that a page of documentation shows is one that the program takes: its commands, options and arguments
// exist. That it does what it says, `npm run test:fresh` and `test/cli` find out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { globSync } from "tinyglobby";
import { program } from "../packages/cli/src/program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGES = ["README.md", "packages/*/README.md", "docs/**/*.md", "examples/**/README.md", "recipes/**/README.md"];

/** As a shell would, for what pages have: words and quotes; comments, redirections and pipes end a command. */
export function commandsOf(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```(?:sh)?\n(.*?)^```$/gms)].map(([, code]) => code);
  return blocks
    .join("")
    .replace(/ *\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => /(?:^|\| )(?:npx )?mobilenets (.*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.replace(/( +#| [<>|&] ).*$/, "").match(/'[^']*'|"[^"]*"|\S+/g) ?? [])
    .map((words) => words.map((word) => word.replace(/^(['"])(.*)\1$/, "$2")));
}

function withoutActions(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  for (const one of command.commands) withoutActions(one);
}

/** @returns what is wrong with it */
async function refused(words: readonly string[]): Promise<string | undefined> {
  const root = await program(words[0]);
  withoutActions(root);
  try {
    await root.parseAsync(["node", "mobilenets", ...words]);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return code === "commander.helpDisplayed" || code === "commander.version" ? undefined : message;
  }
}

test("documents show command lines that exist", async () => {
  const found: string[] = [];
  let count = 0;
  for (const path of globSync(PAGES, { cwd: root, ignore: ["**/node_modules/**"] }).sort()) {
    for (const words of commandsOf(readFileSync(join(root, path), "utf8"))) {
      count++;
      const problem = await refused(words);
      if (problem) found.push(`${path}: mobilenets ${words.join(" ")}: ${problem}`);
    }
  }
  assert.ok(count >= 60, `${count} command lines`);
  assert.deepEqual(found, []);
});

test("an option, a command and an argument that do not exist are found", async () => {
  const [wrong, quoted] = commandsOf(
    "```sh\nnpx mobilenets classify a.jpg --topk 3  # three\nnpx mobilenets search f 'a b' > c\n```\n",
  );
  assert.deepEqual(quoted, ["search", "f", "a b"]);
  assert.match((await refused(wrong)) ?? "", /unknown option '--topk'/);
  assert.match((await refused(["clasify", "a.jpg"])) ?? "", /clasify/);
  assert.match((await refused(["convert", "a", "b", "c"])) ?? "", /too many arguments/);
});
