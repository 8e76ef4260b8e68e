import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./folder.ts";
import { writeDifficult } from "./pictures.ts";
import { mobilenets, type Outcome, outcome, tiny } from "./run.ts";

const dir = await temporaryFolder();
await writeDifficult(dir);
const photo = join(dir, "good.jpg");
const bin = fileURLToPath(new URL("../../packages/cli/bin/mobilenets.js", import.meta.url));

// Without what Node takes for a wish about colours: `CI` is one, too.
const wishes = new Set(["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]);
const plainEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !wishes.has(name)));
const env = { ...plainEnv, TERM: "xterm-256color" };

const hasScript = spawnSync("script", ["--version"]).status === 0;
const onlyWithScript = { skip: !hasScript && "no `script` (util-linux) to make a terminal with" };

/** In a terminal of its own, which takes stdout and stderr together. */
async function inTerminal(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const line = [process.execPath, bin, ...args].map((arg) => `'${arg}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return outcome(child);
}

const ESCAPE = "\x1b[";
const classify = ["classify", photo, ...tiny, "--top", "2"];

test("piped, classify has neither colours nor bars", async () => {
  const { stdout, stderr } = await mobilenets(classify, { env });
  assert.match(stdout, /^\S+good\.jpg\n {2}0\.\d{4} {2}\S.*\n {2}0\.\d{4} {2}\S.*\n$/);
  assert.ok(!`${stdout}${stderr}`.includes(ESCAPE));
  const forced = await mobilenets(classify, { env: { ...env, FORCE_COLOR: "1" } });
  assert.ok(forced.stdout.startsWith(`${ESCAPE}1m`), "FORCE_COLOR colours a pipe");
  assert.ok(!forced.stdout.includes("█") && !forced.stdout.includes("▏"), "bars are for terminals");
});

test("on a terminal, classify has a bar for each label", onlyWithScript, async () => {
  const { code, stdout } = await inTerminal(["classify", photo, "--top", "2"]);
  assert.equal(code, 0);
  const [, best, second] = stdout.slice(stdout.indexOf("good.jpg")).split("\r\n");
  const widthOf = (line: string) => line.match(/[█▏▎▍▌▋▊▉]/g)?.length ?? 0;
  const probability = (line: string) => Number(/0\.\d{4}/.exec(line)?.[0]);
  for (const line of [best, second]) {
    assert.ok(Math.abs(widthOf(line) - 20 * probability(line)) <= 1, `${line}: ${widthOf(line)} cells`);
    assert.ok(line.includes(`${ESCAPE}32m`), "bars are green");
  }
  const plain = await inTerminal(["classify", photo, "--top", "1"], { NO_COLOR: "1" });
  assert.match(plain.stdout, /[█▏]/, "bars without colours");
  assert.ok(!plain.stdout.includes(ESCAPE), "NO_COLOR");
});

test("help and errors have colours on a terminal only", onlyWithScript, async () => {
  const help = await inTerminal(["classify", "--help"]);
  assert.ok(help.stdout.includes(`${ESCAPE}1mExamples:`), help.stdout.slice(-600));
  const piped = await mobilenets(["classify", "--help"], { env });
  assert.ok(!piped.stdout.includes(ESCAPE));
  const wrong = await inTerminal(["classify", photo, "--weights", "nothing"]);
  assert.equal(wrong.code, 1);
  assert.ok(wrong.stdout.includes(`${ESCAPE}31merror:${ESCAPE}39m nothing: no such file`), wrong.stdout);
});

test("a terminal on standard input is no picture", onlyWithScript, async () => {
  const { code, stdout } = await inTerminal(["classify", "-"], { NO_COLOR: "1" });
  assert.equal(code, 2);
  assert.match(stdout, /error: -: a terminal on standard input, expected a picture: < photo\.jpg, or from a pipe/);
});
