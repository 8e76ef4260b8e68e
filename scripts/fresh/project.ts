import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { BARE, type Host, PORT, type Way } from "./hosts.ts";
import { type Asked, askPage, PICTURE, withFolder } from "./page.ts";
import { run, withServer } from "./run.ts";

/** A host's answer for the picture. */
export interface Answer {
  readonly label: string;
  readonly probability: number;
}

/** Answers of other entry points for the same picture. */
export interface Others {
  /** `mobilenets/worker` */
  readonly worker: Answer;
  /** `mobilenets/compat/tfjs-models`, which stretches pictures. */
  readonly compat: Answer;
}

/** A row of the table. */
export interface Row {
  readonly host: string;
  readonly version: string;
  readonly warnings: number;
  /** Size of the scripts that a page loads, in bytes; undefined without a page. */
  readonly gzip?: number;
  readonly answers: readonly Answer[];
  readonly others?: Others;
}

/** The parts of all projects. */
export interface Materials {
  /** The folder test/fresh. */
  readonly templates: string;
  /** Tarballs of the library and of the weights. */
  readonly tarballs: readonly string[];
  /** The folder of sample pictures. */
  readonly samples: string;
  /** The folder of the projects. */
  readonly folder: string;
  readonly browser: Browser;
  readonly log: (line: string) => void;
}

/** Optional packages that projects must not have, by all names that the library imports. */
const PEERS = ["flatbuffers", "onnxruntime-node", "onnxruntime-web", "protobufjs", "sharp", "@mobilenets/cli"];
/** Packages of sharp that some tools install for themselves; they are removed, because the tests must not use them. */
const BROUGHT = ["sharp", "@img"];

export const NPM_QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

/** Warnings of webpack; esbuild and Wrangler; Rollup and Vite; Next.js and Parcel. */
const WARNINGS = /^WARNING in .*|.*\[WARNING\].*|^\(!\).*|^ *⚠ .*/gm;

/** Creates, builds and tests a project. @throws Error for an unexpected result */
export async function tryHost(host: Host, materials: Materials): Promise<Row[]> {
  const { log } = materials;
  const started = Date.now();
  const project = await makeProject(host, materials);
  let warnings: readonly string[] = [];
  for (const script of host.scripts) {
    const { text } = await run(["npm", "run", "--silent", script], project);
    const found = text.match(WARNINGS) ?? [];
    if (script === "build") warnings = found;
    else if (found.length > 0) throw new Error(`${host.name}, ${script}: ${found.join("\n")}`);
  }
  for (const warning of warnings) log(`${host.name}: ${warning.trim()}`);
  if (host.scripts.includes("build:bare")) await checkBare(join(project, BARE), materials);
  const rows: Row[] = [];
  for (const way of host.ways) {
    if (way.kind === "program" && !existsSync(join(project, way.command[0])) && !existsSync(way.command[0])) {
      log(`${host.name}: ${way.command[0]} is not for this machine`);
      continue;
    }
    const version = await versionOf(host, way, project);
    const title = way.title ? `${host.title}, ${way.title}` : host.title;
    rows.push({ host: title, version, warnings: warnings.length, ...(await ask(way, project, materials)) });
  }
  log(`${host.name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return rows;
}

async function makeProject(host: Host, materials: Materials): Promise<string> {
  const { templates, tarballs, samples, folder } = materials;
  const project = join(folder, host.name);
  await mkdir(project, { recursive: true });
  const sources = [...host.shared, "types", host.name];
  for (const name of sources) await cp(join(templates, name), project, { recursive: true });
  await cp(samples, join(project, "coffee.rgb"));
  await cp(join(templates, PICTURE), join(project, "public", PICTURE));
  await install(project, tarballs);
  for (const name of BROUGHT) await rm(join(project, "node_modules", name), { recursive: true, force: true });
  const there = PEERS.filter((name) => existsSync(join(project, "node_modules", name)));
  if (there.length > 0) throw new Error(`${host.name}: optional packages are installed: ${there.join(", ")}`);
  return project;
}

/**
 * Installs the lock file's packages and tarballs in one run of npm; `npm ci` would need a second run.
 * @throws Error if the lock file does not fit package.json, as `npm ci`
 */
export async function install(project: string, tarballs: readonly string[]): Promise<void> {
  const [manifest, lock] = await Promise.all(
    ["package.json", "package-lock.json"].map((name) => readFile(join(project, name), "utf8").catch(() => "{}")),
  );
  const wanted = dependenciesOf(JSON.parse(manifest));
  const locked = dependenciesOf(JSON.parse(lock).packages?.[""] ?? {});
  if (wanted !== locked) throw new Error(`${project}: package-lock.json is of ${locked}, package.json of ${wanted}`);
  await run(["npm", "install", "--no-save", "--prefer-offline", ...NPM_QUIET, ...tarballs], project);
}

const dependenciesOf = (manifest: Readonly<Record<string, object | undefined>>): string =>
  ["dependencies", "devDependencies", "optionalDependencies"]
    .flatMap((kind) => Object.entries(manifest[kind] ?? {}).map(([name, version]) => `${name} ${version}`))
    .sort()
    .join(", ");

/** Checks a page that does not import the weights: it runs, and no file in its folder is as large as they are. */
async function checkBare(folder: string, { browser, templates }: Materials): Promise<void> {
  const { answer } = await withFolder(folder, join(templates, PICTURE), (origin) => askPage(browser, origin));
  if (!/^\d+ parameters$/.test(answer.label)) throw new Error(`${folder}: answered ${answer.label}`);
  for (const name of await readdir(folder, { recursive: true })) {
    const { size } = await stat(join(folder, name));
    if (size > 5e6) throw new Error(`${folder}/${name}: ${size} bytes in a page that asks for no weights`);
  }
}

async function ask(way: Way, project: string, materials: Materials): Promise<Pick<Row, "answers" | "gzip" | "others">> {
  const { browser, templates } = materials;
  if (way.kind === "program") {
    const { stdout } = await run(way.command, project);
    const { others, ...answer } = JSON.parse(stdout);
    return { answers: [answer], others };
  }
  if (way.kind === "page") {
    const picture = join(templates, PICTURE);
    const asked = await withFolder(join(project, way.folder), picture, (origin) => askPage(browser, origin));
    checkThreads(asked, true, way.folder);
    return { answers: [asked.answer], gzip: asked.gzip, others: asked.others };
  }
  const command = (port: number) => [
    process.execPath,
    ...way.command.map((word) => (word === PORT ? `${port}` : word)),
  ];
  return withServer(command, project, async (origin) => {
    const asked = await askPage(browser, origin);
    checkThreads(asked, way.isolated, origin);
    const others = await Promise.all(way.routes.map((route) => askRoute(`${origin}${route}`)));
    return { answers: [asked.answer, ...others], gzip: asked.gzip, others: asked.others };
  });
}

/** Checks the threads: an isolated page uses the machine's, another has one. */
function checkThreads({ workers }: Asked, isolated: boolean, where: string): void {
  if (workers > 0 === (isolated && availableParallelism() > 1)) return;
  throw new Error(`${where}: ${workers} workers in a page that is ${isolated ? "" : "not "}isolated`);
}

async function askRoute(url: string): Promise<Answer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return (await response.json()) as Answer;
}

async function versionOf(host: Host, way: Way, project: string): Promise<string> {
  if (host.tool === "node")
    return (await run([way.kind === "program" ? way.command[0] : "node", "-v"], project)).stdout.trim().slice(1);
  const manifest = JSON.parse(await readFile(join(project, "node_modules", host.tool, "package.json"), "utf8"));
  return manifest.version;
}
