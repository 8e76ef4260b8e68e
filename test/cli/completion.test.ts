import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { networkNames } from "mobilenets";
import { published } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { mobilenets } from "./run.ts";

const cwd = await temporaryFolder();
await mkdir(join(cwd, "photos of mine"));
await writeFile(join(cwd, "photo one.jpg"), "");
await writeFile(join(cwd, "model.onnx"), "");

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await mobilenets(["completion", shell]);
  assert.deepEqual([code, stderr], [0, ""]);
  const path = join(cwd, `.completion.${shell}`);
  await writeFile(path, stdout);
  return path;
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** What each shell completes; a word list ends in the word under the cursor. */
const shells: Readonly<Record<string, (script: string, words: readonly string[]) => string[]>> = {
  bash(script, words) {
    const typed = `COMP_WORDS=(mobilenets ${quoted(words)}); COMP_CWORD=${words.length}; COMPREPLY=()`;
    const run = `set -u; source ${script}; ${typed}; _mobilenets; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(execFileSync("bash", ["--norc", "-c", run], { cwd, encoding: "utf8" }));
  },
  // zsh completes only for a person at a terminal: stand-ins for its own functions say what they are offered.
  zsh(script, words) {
    const stubs = `
      compdef() {}
      matching() { print -rl -- \${(M)@:#$cur*} }
      compadd() { shift; matching "$@" }
      _describe() { matching \${\${(P)2}%%:*} }
      _files() { print -rl -- $cur*(N) }`;
    const typed = `words=(mobilenets ${quoted(words)}); CURRENT=${words.length + 1}`;
    const run = [stubs, `source ${script}`, typed, "_mobilenets"].join("\n");
    return lines(execFileSync("zsh", ["-f", "-c", run], { cwd, encoding: "utf8" }));
  },
  fish(script, words) {
    const line = ["mobilenets", ...words].join(" ");
    const run = `source ${script}; complete --do-complete ${quoted([line])}`;
    const output = execFileSync("fish", ["--no-config", "-c", run], { cwd, encoding: "utf8" });
    return lines(output).map((entry) => entry.split("\t")[0]);
  },
};

for (const [shell, complete] of Object.entries(shells)) {
  const isHere = spawnSync(shell, ["--version"]).status === 0;
  test(`${shell} completes`, { skip: !isHere && `no ${shell} here` }, async () => {
    const script = await scriptFor(shell);
    const completed = (...words: string[]) =>
      complete(script, words)
        .map((word) => word.replace(/\/$/, ""))
        .sort();

    const { stdout } = await mobilenets(["--help"]);
    const inHelp = [...stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name);
    assert.ok(inHelp.includes("classify"));
    assert.deepEqual(completed(""), inHelp.sort(), "commands");
    assert.deepEqual(completed("c"), ["classify", "completion", "convert"]);
    assert.deepEqual(completed("weights", "p"), ["path", "pull"], "subcommands");

    assert.deepEqual(completed("classify", "--no-t"), [], "options of other commands");
    assert.deepEqual(completed("embed", "--no-t"), ["--no-top"]);
    assert.deepEqual(completed("weights", "list", "--a"), ["--all"]);
    assert.deepEqual(completed("embed", "photo.jpg", "--pre"), ["--preprocessing"], "options after arguments");

    assert.deepEqual(completed("summary", ""), [...networkNames].sort(), "networks as arguments");
    assert.deepEqual(completed("classify", "--network", "efficient"), ["efficientnet_lite0"], "and as values");
    const flavors = ["tensorflow", "timm", "torchvision", "torchvision_quantizable"];
    assert.deepEqual(completed("embed", "--flavor", "t"), flavors);
    assert.deepEqual(completed("embed", "--engine", "w"), ["wasm"]);
    const timm = published.flatMap(({ name }) => (name.startsWith("timm/tf_") ? [name] : []));
    assert.deepEqual(completed("classify", "--weights", "timm/tf_"), timm.sort(), "published weights");
    assert.deepEqual(completed("weights", "pull", "timm/tf_"), timm.sort());
    assert.deepEqual(completed("classify", "--weights", "fash"), ["fashion-mnist"]);

    assert.deepEqual(completed("classify", "--weights", "mod"), ["model.onnx"], "files where they may be");
    assert.deepEqual(completed("classify", "photo"), ["photo one.jpg", "photos of mine"], "names with blanks");
    assert.deepEqual(completed("classify", "--top", ""), [], "nothing where nothing is known");
    assert.deepEqual(completed("completion", ""), ["bash", "fish", "zsh"]);
  });
}

test("bash: --option=value, which it takes for three words", async () => {
  const script = await scriptFor("bash");
  assert.deepEqual(shells.bash(script, ["embed", "--flavor", "=", "ke"]), ["keras"]);
  assert.deepEqual(shells.bash(script, ["embed", "--engine", "="]), ["auto", "wasm", "onnxruntime", "reference"]);
});

test("other shells are refused by name", async () => {
  const { code, stderr } = await mobilenets(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});
