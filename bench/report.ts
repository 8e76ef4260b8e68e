import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Circumstances } from "./machine.ts";
import { median, medianRatio } from "./statistics.ts";
import { isWidened, plain, widened } from "./wide.ts";

/** A contender's result in a contest. */
export interface Score {
  readonly network: string;
  readonly contender: string;
  /** Requested number of threads. */
  readonly threads: number;
  /** Actual number of threads. */
  readonly actualThreads: number;
  /** Milliseconds per picture: the median of each turn, in the order of the rounds. */
  readonly turns: readonly number[];
}

/**
 * The same scores with only each contender's fastest turn: on a shared machine other work only adds to a time, and usually
 * one of several turns is undisturbed.
 */
export function undisturbed(scores: readonly Score[]): Score[] {
  return scores.map((score) => ({ ...score, turns: [Math.min(...score.turns)] }));
}

const titles: Readonly<Record<string, string>> = {
  litert: "LiteRT.js",
  "onnxruntime-web": "onnxruntime-web",
  "onnxruntime-node": "onnxruntime-node (native)",
  tfjs: "TensorFlow.js",
};

const shortName = (network: string) => network.replace("mobilenet_", "").replace("v", "V").replace("_", "-");

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Compares us with each peer: milliseconds per picture, and the median over the rounds of the peer's time / ours. */
export function comparison(scores: readonly Score[], threads: number): string {
  const here = scores.filter(
    ({ contender, threads: own }) => own === threads && contender !== "ours-batch" && !isWidened(contender),
  );
  const peers = [...new Set(here.map(({ contender }) => contender))].filter((name) => name !== "ours");
  const networks = [...new Set(here.map(({ network }) => network))];
  const rows = networks.map((network) => {
    const find = (name: string) => here.find((s) => s.network === network && s.contender === name) as Score;
    const ours = find("ours").turns;
    const cells = peers.flatMap((name) => {
      const { turns, actualThreads } = find(name);
      const note = actualThreads === threads ? "" : ` (on ${actualThreads})`;
      return [median(turns).toFixed(2) + note, `${medianRatio(turns, ours).toFixed(2)} x`];
    });
    return [shortName(network), median(ours).toFixed(2), ...cells];
  });
  return table(["", "ours, ms", ...peers.flatMap((name) => [`${titles[name]}, ms`, "/ ours"])], rows);
}

/**
 * Compares with V8's staged 256 bits: our gain, and each peer against us, both with the flag; native code as usual.
 * Undefined if ours did not run with the flag.
 */
export function widening(scores: readonly Score[], threads: number): string | undefined {
  const here = scores.filter((score) => score.threads === threads);
  const peers = [...new Set(here.map(({ contender }) => contender))].filter(
    (name) => (isWidened(name) && plain(name) !== "ours") || name === "onnxruntime-node",
  );
  const networks = [...new Set(here.map(({ network }) => network))];
  const rows = networks.flatMap((network) => {
    const turns = (name: string) => here.find((s) => s.network === network && s.contender === name)?.turns;
    const [before, ours] = [turns("ours"), turns(widened("ours"))];
    if (!before || !ours) return [];
    const cells = peers.flatMap((name) => {
      const own = turns(name) ?? [];
      return [median(own).toFixed(2), `${medianRatio(own, ours).toFixed(2)} x`];
    });
    const gain = `${medianRatio(before, ours).toFixed(2)} x`;
    return [[shortName(network), median(before).toFixed(2), median(ours).toFixed(2), gain, ...cells]];
  });
  const titled = peers.flatMap((name) => [`${titles[plain(name)]}, ms`, "/ ours"]);
  return rows.length > 0 ? table(["", "ours without, ms", "ours, ms", "gain", ...titled], rows) : undefined;
}

/** Compares our library on several threads with one. Undefined unless both were measured. */
export function scaling(scores: readonly Score[], threads: number): string | undefined {
  const networks = [...new Set(scores.map(({ network }) => network))];
  const rows = networks.flatMap((network) => {
    const turns = (contender: string, count: number) =>
      scores.find((s) => s.network === network && s.contender === contender && s.threads === count)?.turns;
    const [one, many, batch] = [turns("ours", 1), turns("ours", threads), turns("ours-batch", threads)];
    if (!one || !many || !batch || threads === 1) return [];
    const times = [one, many, batch].map((t) => median(t).toFixed(2));
    const gains = [many, batch].map((t) => `${medianRatio(one, t).toFixed(2)} x`);
    return [[shortName(network), times[0], times[1], gains[0], times[2], gains[1]]];
  });
  const header = ["", "1 thread, ms", `${threads} threads, ms`, "speed-up", "batch of 32, ms each", "speed-up"];
  return rows.length > 0 ? table(header, rows) : undefined;
}

export function preamble({ date, cpu, processors, load, host, versions }: Circumstances): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const machine = `${processors} x ${cpu}, load ${load.toFixed(1)} at the start`;
  return [date.slice(0, 10), host, machine, ...peers].join(", ");
}

/** Writes all measurements to `bench/results/`; returns the file's path. */
export function keep(kind: string, circumstances: Circumstances, results: object): string {
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(new URL(`${kind}-${circumstances.date.replaceAll(":", "")}.json`, folder));
  writeFileSync(file, `${JSON.stringify({ circumstances, ...results }, null, 1)}\n`);
  return file;
}
