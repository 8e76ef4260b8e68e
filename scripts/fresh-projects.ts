// Packs the packages and tests them in fresh projects, as installed from npm: see test/fresh/README.md.
// Usage: npm run test:fresh -- [--only vite,webpack] [--write] [--keep]
//        npm run test:fresh -- --lock vite,webpack
//   --only   these hosts, besides Node; or one-file (of mobilenets build), samples (of documents), or examples
//   --write  writes the table to docs/bundlers.md
//   --keep   keeps the projects, and prints their folder
//   --lock   only updates the lock files of templates
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { tryCommandLine } from "./fresh/command-line.ts";
import { tryExamples } from "./fresh/examples.ts";
import { hosts, node } from "./fresh/hosts.ts";
import { tryOneFile } from "./fresh/one-file.ts";
import { PICTURE } from "./fresh/page.ts";
import { type Answer, type Materials, NPM_QUIET, type Row, tryHost } from "./fresh/project.ts";
import { run } from "./fresh/run.ts";
import { trySamples } from "./fresh/samples.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const templates = join(root, "test/fresh");
const document = join(root, "docs/bundlers.md");
const COMMAND_LINE = "command-line";
const ONE_FILE = "one-file";
const SAMPLES = "samples";
const EXAMPLES = "examples";
/** Tolerance of the probability, compared with Node's. */
const TOLERANCE = 1e-4;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    write: { type: "boolean" },
    keep: { type: "boolean" },
    lock: { type: "string" },
  },
});
const OTHERS = [COMMAND_LINE, ONE_FILE, SAMPLES, EXAMPLES];
const names = [node.name, ...hosts.map(({ name }) => name), ...OTHERS];

function chosen(list: string | undefined): (name: string) => boolean {
  if (list === undefined) return () => true;
  const wanted = list.split(",");
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no host ${unknown.join(", ")}: one of ${names.join(", ")}`);
  return (name) => wanted.includes(name);
}

/** Packs the packages and returns the tarballs by package. */
async function pack(folder: string): Promise<Record<string, string>> {
  const tarballs: Record<string, string> = {};
  for (const name of ["mobilenets", "weights-imagenet", "cli"]) {
    const { stdout } = await run(["npm", "pack", "--json", "--pack-destination", folder], join(root, "packages", name));
    const [{ filename }] = JSON.parse(stdout);
    tarballs[name] = join(folder, filename);
  }
  return tarballs;
}

/** Runs all jobs, two at a time, even if some fail. */
async function runAll(jobs: readonly (() => Promise<Row[]>)[]): Promise<{ rows: Row[]; errors: Error[] }> {
  const results: Row[][] = [];
  const errors: Error[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let i = next++; i < jobs.length; i = next++) {
      results[i] = await jobs[i]().catch((error: Error) => {
        errors.push(error);
        return [];
      });
    }
  }
  await Promise.all([work(), work()]);
  return { rows: results.flat(), errors };
}

function difference(answer: Answer, expected: Answer): number {
  return answer.label === expected.label ? Math.abs(answer.probability - expected.probability) : Infinity;
}

/** `–` for a host without an answer. */
function isSame(answers: readonly Answer[], expected: Answer | undefined): string {
  if (answers.length === 0 || !expected) return "–";
  return Math.max(...answers.map((answer) => difference(answer, expected))) <= TOLERANCE ? "yes" : "**no**";
}

/** @param first Node's row, with which the others are compared */
function tableOf(rows: readonly Row[], first: Row): string {
  const [expected] = first.answers;
  const lines = rows.map(({ host, version, warnings, gzip, answers, others }) => {
    const worker = isSame(others ? [others.worker] : [], expected);
    const compat = isSame(others ? [others.compat] : [], first.others?.compat);
    const size = gzip ? `${(gzip / 1000).toFixed(0)} kB` : "–";
    return `| ${host} | ${version} | yes | ${warnings} | ${size} | ${isSame(answers, expected)} | ${worker} | ${compat} |`;
  });
  return [
    "| host | version | builds | warnings | JS, gzip | same result | worker | compat |",
    "|---|---|---|---:|---:|---|---|---|",
    ...lines,
  ].join("\n");
}

async function lock(name: string, folder: string): Promise<void> {
  const project = join(folder, name);
  await cp(join(templates, name), project, { recursive: true });
  await rm(join(project, "package-lock.json"), { force: true });
  await run(["npm", "install", "--package-lock-only", ...NPM_QUIET], project);
  await cp(join(project, "package-lock.json"), join(templates, name, "package-lock.json"));
}

async function main(folder: string): Promise<void> {
  if (values.lock !== undefined) {
    const wanted = chosen(values.lock);
    for (const name of names) if (![COMMAND_LINE, EXAMPLES].includes(name) && wanted(name)) await lock(name, folder);
    return;
  }
  const wanted = chosen(values.only);
  const started = Date.now();
  const tarballs = await pack(folder);
  const picture = sharp(join(templates, PICTURE)).removeAlpha().raw();
  const samples = join(folder, "coffee.rgb");
  await writeFile(samples, await picture.toBuffer());
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  try {
    const materials: Materials = {
      templates,
      tarballs: [tarballs.mobilenets, tarballs["weights-imagenet"]],
      samples,
      folder,
      browser,
      log: (line) => console.error(line),
    };
    const jobs = hosts.filter(({ name }) => wanted(name)).map((host) => () => tryHost(host, materials));
    // First, because it takes as long as the slowest host.
    if (wanted(SAMPLES)) jobs.unshift(() => trySamples(root, tarballs.cli, materials).then(() => []));
    if (wanted(COMMAND_LINE)) jobs.push(() => tryCommandLine(tarballs.cli, materials));
    if (wanted(ONE_FILE)) jobs.push(() => tryOneFile(root, materials));
    if (wanted(EXAMPLES)) jobs.push(() => tryExamples(root, tarballs.cli, materials).then(() => []));
    // Samples and examples have their own expected output; the others are compared with Node's answer.
    const compared = [node.name, ...hosts.map(({ name }) => name), COMMAND_LINE, ONE_FILE];
    if (compared.some(wanted)) jobs.unshift(() => tryHost(node, materials));
    const { rows, errors } = await runAll(jobs);
    for (const error of errors) console.error(`\n${error.message}`);
    if (rows.length > 0 && !errors.length) {
      const [{ answers }] = rows;
      const table = tableOf(rows, rows[0]);
      const [{ label, probability }] = answers;
      console.log(
        `${table}\n\nNode says ${label}, ${probability}. ${((Date.now() - started) / 1000).toFixed(0)} s in all.`,
      );
      if (table.includes("**no**")) errors.push(new Error("another result"));
      if (values.write && !errors.length) await write(table);
    }
    if (errors.length > 0) process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  // Samples of documents use a camera.
  ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
];

/** Writes the table between the markers. */
async function write(table: string): Promise<void> {
  const text = await readFile(document, "utf8");
  const markers = /(<!-- test:fresh -->\n).*?(<!-- \/test:fresh -->)/s;
  if (!markers.test(text)) throw new Error(`${document}: no markers <!-- test:fresh -->`);
  await writeFile(
    document,
    text.replace(markers, (_, before: string, after: string) => `${before}${table}\n${after}`),
  );
}

const folder = await mkdtemp(join(tmpdir(), "mobilenets-fresh-"));
try {
  await main(folder);
} finally {
  if (values.keep) console.error(`the projects are in ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}
