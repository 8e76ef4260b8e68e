// What GitHub reads: workflows and issue forms.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifests = globSync("packages/*/package.json", { cwd: root }).map((path) => JSON.parse(read(path)));
const { scripts } = JSON.parse(read("package.json"));

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: object; readonly "timeout-minutes": number; readonly steps: readonly Step[] }
    >
  >;
}

const workflows = new Map<string, Workflow>(
  globSync(".github/workflows/*.yml", { cwd: root, dot: true }).map((path) => [path, parse(read(path))]),
);
const jobs = [...workflows].flatMap(([path, { jobs }]) => Object.values(jobs).map((job) => ({ path, job })));
const runs = jobs.flatMap(({ job }) => job.steps.flatMap(({ run }) => run ?? []));

test("every action is pinned to a commit, with the version beside it", () => {
  assert.equal(workflows.size, 2);
  let pinned = 0;
  for (const path of workflows.keys()) {
    for (const [line] of read(path).matchAll(/^.*\buses:.*$/gm)) {
      assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, path);
      pinned++;
    }
  }
  assert.ok(pinned >= 3);
});

test("a workflow may read, and only the one that publishes may sign", () => {
  for (const [path, { permissions }] of workflows) assert.deepEqual(permissions, { contents: "read" }, path);
  const granted = jobs.filter(({ job }) => job.permissions).map(({ path, job }) => [path, job.permissions]);
  assert.deepEqual(granted, [[".github/workflows/publish.yml", { contents: "read", "id-token": "write" }]]);
  for (const { path, job } of jobs) assert.ok(job["timeout-minutes"] > 0, path);
});

test("what a step runs is there", () => {
  for (const run of runs) {
    for (const [, script] of run.matchAll(/npm run (\S+)/g)) assert.ok(script in scripts, run);
    for (const [, file] of run.matchAll(/(?:bash|node) ((?:\.ci|scripts|test)\/\S+)/g))
      assert.ok(existsSync(join(root, file)), run);
    for (const [file] of run.matchAll(/\btest\/[\w./-]+\.ts/g)) assert.ok(existsSync(join(root, file)), run);
  }
  assert.ok(runs.includes("bash .ci/run"));
});

test("every package is published, with provenance, after those that it needs", () => {
  const published = runs.flatMap((run) => /^npm publish --provenance --access public -w (\S+)$/.exec(run)?.[1] ?? []);
  assert.deepEqual([...published].sort(), manifests.map(({ name }) => name).sort());
  for (const { name, dependencies = {} } of manifests) {
    for (const other of Object.keys(dependencies).filter((dependency) => published.includes(dependency))) {
      assert.ok(published.indexOf(other) < published.indexOf(name), `${name} needs ${other}`);
    }
  }
  for (const { name, publishConfig } of manifests) {
    assert.deepEqual(publishConfig, { access: "public", provenance: true }, name);
  }
});

test("issue forms have what GitHub wants of them, and lead to pages that are there", () => {
  const forms = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root, dot: true }).filter(
    (path) => !path.endsWith("config.yml"),
  );
  assert.ok(forms.length >= 3);
  for (const path of forms) {
    const { name, description, body } = parse(read(path));
    assert.ok(name && description && body.length > 0, path);
    const ids = body.map(({ id }: { id: string }) => id);
    assert.equal(new Set(ids).size, ids.length, path);
    for (const { type, attributes } of body) {
      assert.ok(["input", "textarea", "dropdown", "markdown", "checkboxes"].includes(type), path);
      assert.ok(attributes.label, path);
    }
  }
  for (const { url } of parse(read(".github/ISSUE_TEMPLATE/config.yml")).contact_links) {
    const [, page] = /^https:\/\/github\.com\/mobilenets\/mobilenets\/blob\/main\/(.+)$/.exec(url) ?? [];
    assert.ok(page && existsSync(join(root, page)), url);
  }
});
