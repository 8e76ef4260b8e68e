import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Command } from "commander";
import sharp from "sharp";
import { program } from "../../packages/cli/src/program.ts";
import { temporaryFolder } from "./folder.ts";
import { mobilenets } from "./run.ts";
import { writeShapes } from "./shapes.ts";

/** Every command, the root among them, as it is typed. */
function commandsOf(command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] {
  const subcommands = command.commands.flatMap((sub) => commandsOf(sub, [...path, sub.name()]));
  return [{ path, command }, ...subcommands];
}

const commands = commandsOf(await program());
const helps = await Promise.all(
  commands.map(async ({ path, command }) => ({ path, command, ...(await mobilenets([...path, "--help"])) })),
);

/** Lines under "Examples:" that are no comments. */
function examplesOf(help: string): string[] {
  const [, examples] = help.split("\nExamples:\n");
  return (examples ?? "").split("\n").flatMap((line) => (/^ {2}mobilenets /.test(line) ? [line.trim()] : []));
}

/** As a shell would, for what examples have: words, quotes, and redirections, which are left out. */
function argumentsOf(line: string): string[] {
  const [, ...args] = line.replace(/ [<>] .*$/, "").match(/'[^']*'|\S+/g)!;
  return args.map((arg) => arg.replaceAll("'", ""));
}

test("every command has help in groups, on stdout, with what people want first", () => {
  assert.ok(helps.length >= 14);
  for (const { path, code, stdout, stderr } of helps) {
    const name = ["mobilenets", ...path].join(" ");
    assert.deepEqual([code, stderr], [0, ""], name);
    assert.ok(stdout.startsWith(`Usage: ${name} `), name);
    const headings = stdout.match(/^[A-Z][^\n]*:$/gm)!.filter((heading) => heading !== "Examples:");
    assert.ok(headings.length >= 2, `${name}: ${headings}`);
    assert.ok(headings.includes("Help:"), name);
    if (/--flavor/.test(stdout)) {
      const places = ["--json ", "--flavor "].map((option) => stdout.indexOf(option));
      if (path.at(-1) !== "list") assert.ok(places[0] < places[1], `${name}: --json stands before the network's shape`);
    }
  }
});

test("the root's help has every command under a heading of its own", async () => {
  const { stdout } = helps[0];
  assert.doesNotMatch(stdout, /^(Commands|Options):/m);
  for (const { name } of (await program()).commands.map((command) => ({ name: command.name() }))) {
    assert.match(stdout, new RegExp(`^  ${name} +\\S`, "m"));
  }
});

test("where weights decide, no default of the network is told", () => {
  for (const { path, stdout } of helps) {
    if (!/--weights|<in>/.test(stdout) || !/--size/.test(stdout)) continue;
    assert.match(stdout, /^Network \(default: as the weights have it/m, path.join(" "));
    const text = stdout.replace(/\s+/g, " ");
    assert.doesNotMatch(text, /--(size|alpha|classes|flavor|channels) <\w+> [^-]*\(default/, path.join(" "));
  }
});

test("every command has three examples or more, all its own, and each parses", async () => {
  for (const { path, stdout } of helps) {
    const examples = examplesOf(stdout);
    const name = ["mobilenets", ...path].join(" ");
    assert.ok(examples.length >= 3, `${name} has ${examples.length} examples`);
    for (const example of examples) {
      assert.ok(example.startsWith(name), `${example} is an example of ${name}`);
      const root = await program();
      let ran = 0;
      for (const { command } of commandsOf(root)) {
        if (command.commands.length === 0) command.action(() => void ran++);
      }
      await root.parseAsync(argumentsOf(example), { from: "user" });
      assert.equal(ran, 1, example);
    }
  }
});

/** Those that need a network, Redis or LanceDB, or minutes, or do not end by themselves. */
const tooMuch =
  /https:|redis:|weights (pull|verify keras)|--mode fine-tune|--resume|^mobilenets (profile|playground|serve|index)/;

test("the examples run, one after the other, in a folder with the files they speak of", async () => {
  const cwd = await temporaryFolder();
  const photo = sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } });
  await mkdir(join(cwd, "photos"));
  const people = ["photos/anna.jpg", "photos/eva.jpg", "photos/otto.jpg"];
  for (const name of ["photo.jpg", "photos/1.png", "photos/2.jpg", ...people])
    await photo.clone().toFile(join(cwd, name));
  await writeShapes(join(cwd, "products"), 12);
  await writeFile(join(cwd, "names.txt"), Array.from({ length: 10 }, (_, i) => `class ${i}\n`).join(""));
  await mkdir(join(cwd, ".config/fish/completions"), { recursive: true });
  const main = fileURLToPath(new URL("../../packages/cli/bin/mobilenets.js", import.meta.url));
  const shell = `mobilenets() { ${process.execPath} ${main} "$@"; }`;
  const env = { ...process.env, HOME: cwd, XDG_CACHE_HOME: join(cwd, "cache"), MOBILENETS_OFFLINE: "1" };
  let count = 0;
  // The root's come first, and are the commands' own.
  for (const example of new Set(helps.slice(1).flatMap(({ stdout }) => examplesOf(stdout)))) {
    if (tooMuch.test(example)) continue;
    // As good as 30 epochs, for a test.
    const line = example.replace(/^mobilenets train .*/, "$& --epochs 1");
    await promisify(execFile)("bash", ["-c", `${shell}; ${line}`], { cwd, env }).catch((error) => {
      assert.fail(`${example}\n${error.stderr}`);
    });
    count++;
  }
  assert.ok(count >= 25, `${count} examples ran`);
});
