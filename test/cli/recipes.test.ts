import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { parseDocument } from "yaml";
import { program } from "../../packages/cli/src/program.ts";

const cwd = fileURLToPath(new URL("../../recipes/scale", import.meta.url));
const files = globSync("**/*", { cwd, ignore: "**/.venv/**" }).sort();
const textOf = (file: string) => readFileSync(`${cwd}/${file}`, "utf8");

function parsed(file: string) {
  const document = parseDocument(textOf(file));
  assert.deepEqual([...document.errors, ...document.warnings], [], file);
  return document.toJS();
}

test("YAML parses, and says what the recipes are about", () => {
  const { services } = parsed("docker/compose.yaml");
  assert.deepEqual(Object.keys(services).sort(), ["redis", "server", "worker"]);
  assert.equal(services.worker.deploy.replicas, 2);
  const job = parsed("kubernetes.yaml");
  const { spec } = job;
  assert.deepEqual([job.kind, spec.completionMode], ["Job", "Indexed"]);
  const [{ args }] = spec.template.spec.containers;
  assert.match(args[0], new RegExp(`\\+ 1\\)\\)/${spec.completions}"`), "as many shares as pods");
});

test("shell scripts parse", () => {
  const scripts = files.filter((file) => file.endsWith(".sh"));
  assert.equal(scripts.length, 3);
  for (const file of scripts) execFileSync("bash", ["-n", `${cwd}/${file}`]);
});

test("each command has the options that recipes give it", async () => {
  const root = await program();
  let checked = 0;
  for (const file of files.filter((name) => !name.endsWith("Dockerfile"))) {
    // Lists of arguments, continued lines, and quotes become one line of words.
    const words = textOf(file)
      .replaceAll(/\\\n|\n {14}/g, " ")
      .replaceAll(/[",\][]/g, " ");
    for (const [, name, sub, rest] of words.matchAll(
      /\b(extract|worker(?! queue)|serve|queue (add|status)) ([^\n]*--[^\n|`]*)/g,
    )) {
      const command = root.commands.find((one) => one.name() === name.split(" ")[0])!;
      const leaf = sub ? command.commands.find((one) => one.name() === sub)! : command;
      const known = leaf.options.flatMap(({ long }) => long ?? []);
      for (const [option] of rest.matchAll(/--[a-z][a-z-]+/g)) {
        assert.ok(known.includes(option), `${file}: ${name} has no ${option}`);
        checked++;
      }
    }
  }
  assert.ok(checked >= 18, `${checked} options were found`);
});
