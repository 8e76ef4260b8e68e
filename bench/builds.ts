// `npm run bench:builds -- BEFORE AFTER`: compares networks and kernels of two builds of the library; see README.md.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { circumstances } from "./machine.ts";
import { preamble, table } from "./report.ts";
import { median, medianRatio } from "./statistics.ts";

/** Measured turns of each build, for whole networks and for kernels. */
const TURNS = 11;
const KERNEL_TURNS = 5;
/** Milliseconds of a process that runs a whole network; the first half warms up. */
const PROCESS_MS = 2000;
/** Runs of a whole network, step by step, per turn. */
const REPEATS = 10;
const NETWORKS = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"];

/** The functions of a build that are used. Entry points have changed between builds, but not these functions. */
interface Build {
  load(network: string, options: object): Promise<Runnable>;
  profile(program: unknown, repeats: number): Promise<{ readonly steps: readonly StepTime[] }>;
  tensor(shape: readonly number[]): unknown;
}

interface Runnable {
  readonly program: unknown;
  predict(input: unknown): Promise<unknown>;
  dispose?(): void;
}

interface StepTime {
  readonly kernel: string;
  readonly ms: number;
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { network: { type: "string" } } });
if (values.network) {
  console.log(await medianRun(await buildIn(positionals[0]), values.network));
  process.exit();
}
if (positionals.length !== 2) {
  console.error("usage: npm run bench:builds -- BEFORE AFTER, folders of the library's package after npm run build");
  process.exit(2);
}
const builds = await Promise.all(positionals.map(buildIn));
console.log(preamble(circumstances(`Node ${process.versions.node}, one thread`, [])));
const head = ["", `${positionals[0]}, ms`, `${positionals[1]}, ms`, "after / before", "middle half of the turns"];
console.log(`\n${table(head, [])}`);
for (const network of NETWORKS) {
  // Rows are printed at once, because a busy machine is slow.
  print(await networkRow(network));
  for (const cells of await kernelRows(network)) print(cells);
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

async function buildIn(folder: string): Promise<Build> {
  const door = (name: string) => import(pathToFileURL(resolve(folder, "dist", `${name}.js`)).href);
  return { ...(await door("graph").catch(() => ({}))), ...(await door("index")) };
}

/**
 * The row of whole runs. Each turn is a separate process, because a process' memory addresses change its times by up to a
 * third for its whole life.
 */
async function networkRow(network: string): Promise<string[]> {
  const times = await alternately(TURNS, async (i) => {
    const options = ["--import", "tsx", "--conditions", "source", fileURLToPath(import.meta.url)];
    return Number(execFileSync(process.execPath, [...options, positionals[i], "--network", network]));
  });
  return row(`**${network}**, a run`, times);
}

/** The median time of a run in this process, in milliseconds. */
async function medianRun(build: Build, network: string): Promise<number> {
  const model = await build.load(network, { weights: "random", engine: "wasm", threads: 1 });
  const input = build.tensor([1, 224, 224, 3]);
  const times: number[] = [];
  for (const end = performance.now() + PROCESS_MS; performance.now() < end; ) {
    const start = performance.now();
    await model.predict(input);
    times.push(performance.now() - start);
  }
  model.dispose?.();
  return median(times.slice(times.length >> 1));
}

/** The rows of a network's kernels. */
async function kernelRows(network: string): Promise<string[][]> {
  const { program } = await builds[1].load(network, { weights: "random", engine: "reference" });
  const turns: ReadonlyMap<string, number>[][] = [[], []];
  await alternately(KERNEL_TURNS, async (i) => {
    const { steps } = await builds[i].profile(program, REPEATS);
    const sums = new Map<string, number>();
    for (const { kernel, ms } of steps) sums.set(plain(kernel), (sums.get(plain(kernel)) ?? 0) + ms);
    turns[i].push(sums);
    return 0;
  });
  const kernels = [...turns[0][0].keys()].filter((kernel) => turns[1][0].has(kernel));
  const timesOf = (kernel: string) => turns.map((all) => all.map((sums) => sums.get(kernel) ?? 0));
  return kernels.map((kernel) => row(kernel, timesOf(kernel)));
}

/** A kernel's name without its tile, which newer builds add. */
function plain(kernel: string): string {
  return kernel.replace(/-\d+x\d+(-wide)?$/, "").replace(/-wide$/, "");
}

/** Times of both builds in turns; the first build of a turn alternates. */
async function alternately(turns: number, turn: (build: number) => Promise<number>): Promise<number[][]> {
  const times: number[][] = [[], []];
  for (let i = 0; i < turns; i++) for (const build of i % 2 ? [1, 0] : [0, 1]) times[build].push(await turn(build));
  return times;
}

function row(title: string, [before, after]: number[][]): string[] {
  const ratios = after.map((ms, i) => ms / before[i]).sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))].toFixed(3);
  const ratio = medianRatio(after, before).toFixed(3);
  return [title, median(before).toFixed(3), median(after).toFixed(3), ratio, `${at(0.25)} to ${at(0.75)}`];
}
