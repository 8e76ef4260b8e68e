// Fuzzes the readers for long; the tests do so briefly. `npm run fuzz -- --help`
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { caseOf, specimensOf } from "./cases.ts";
import type { Message } from "./child.ts";
import { readFinding, saveFinding } from "./findings.ts";
import { formatNames } from "./formats.ts";
import { fuzz, type Target } from "./harness.ts";
import { Tally } from "./tally.ts";
import { Trial } from "./watch/attempt.ts";

const HELP = `Usage: npm run fuzz -- [options]

Makes files with one to three fields changed, and loads them: each must run, or be refused by an error of ours, within
1 s and 500 MB, without reading elsewhere. Findings are saved as files; exit code 1 if there are any.

  --format NAMES   by comma, default all: ${formatNames.join(", ")}
  --cases N        of each format, default 20000
  --seed N         default 1
  --from N         first case, default 0
  --minutes N      for each format at most; without, until all cases are tried
  --jobs N         processes, default the machine's processors
  --out FOLDER     for findings, default fuzz-findings
  --replay FOLDER  tries a saved finding again, in this process
  --bytes          flips bits and bytes instead, of the files of test/fuzz/targets/<format>.ts; in this process

Examples:
  npm run fuzz -- --format onnx --cases 2000 --seed 7
  npm run fuzz -- --replay fuzz-findings/onnx-7-1234
  npm run fuzz -- --bytes --format keras-config --cases 5000
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean" },
    format: { type: "string" },
    cases: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    minutes: { type: "string", default: "Infinity" },
    jobs: { type: "string", default: String(availableParallelism()) },
    out: { type: "string", default: "fuzz-findings" },
    replay: { type: "string" },
    bytes: { type: "boolean" },
  },
});
const [seed, from, cases] = [values.seed, values.from, values.cases].map(Number);

/** Milliseconds after which a case counts as hanging. */
const PATIENCE_MS = 30_000;
/** Milliseconds for a process to start and make valid files, which is slow on a busy machine. */
const START_MS = 600_000;
/** Cases per process, so that leaks do not accumulate. */
const RANGE = 2500;
/** Megabytes of the JavaScript heap: a reader that needs more for a file of some kilobytes has no bound. */
const HEAP = 400;

if (values.help) console.log(HELP);
else if (values.replay !== undefined) await replay(values.replay);
else if (values.bytes) for (const name of names([])) await attackBytes(name);
else for (const name of names(formatNames)) await attack(name);

function names(all: readonly string[]): readonly string[] {
  const chosen = values.format?.split(",") ?? all;
  const isKnown = (name: string) => (values.bytes ? /^[a-z0-9-]+$/.test(name) : formatNames.includes(name));
  if (chosen.length > 0 && chosen.every(isKnown)) return chosen;
  console.error(`--format ${values.format ?? ""}: expected ${formatNames.join(", ")}`);
  process.exit(2);
}

async function attack(format: string): Promise<void> {
  const specimens = await specimensOf(format);
  const tally = new Tally(format, cases);
  const last = performance.now() + Number(values.minutes) * 60_000;
  let next = from;
  const work = async () => {
    while (next < from + cases && performance.now() < last) {
      let at = next;
      const end = Math.min(from + cases, at + RANGE);
      next = end;
      while (at < end) at = await range(at, end);
    }
  };

  /** Tries cases in a process; returns the first remaining one. */
  async function range(first: number, end: number): Promise<number> {
    const args = [format, String(seed), String(first), String(end)];
    const execArgv = [...process.execArgv, `--max-old-space-size=${HEAP}`];
    const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), args, { execArgv, silent: true });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    let current = first;
    let hung = false;
    let stopped = false;
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms = PATIENCE_MS) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hung = true;
        child.kill("SIGKILL");
      }, ms);
    };
    wait(START_MS);
    child.on("message", (message: Message) => {
      wait();
      if ("begins" in message) {
        current = message.begins;
        return;
      }
      current = message.done + 1;
      tally.add(message.report);
      if (message.report.problems.length > 0) found(message.done, message.report.problems);
      if (performance.now() >= last) {
        stopped = true;
        child.kill();
      }
    });
    const code = await new Promise<number | string>((resolve) => {
      child.on("close", (status, signal) => resolve(status ?? signal ?? "?"));
    });
    clearTimeout(timer);
    if (stopped || current >= end) return end;
    found(current, [hung ? `no answer within ${PATIENCE_MS / 1000} s` : `the process ended with ${code}: ${said}`]);
    tally.lost();
    return current + 1;
  }

  function found(i: number, problems: readonly string[]): void {
    const made = caseOf(specimens, seed, i);
    const folder = saveFinding(values.out, `${format}-${seed}-${i}`, made, problems);
    tally.found(`${folder} (${made.specimen}): ${problems[0].split("\n").slice(0, 2).join(" ")}`);
    process.exitCode = 1;
  }

  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
  console.log(tally.summary());
}

async function replay(folder: string): Promise<void> {
  const made = readFinding(folder);
  const trial = await Trial.start();
  const report = await trial.run(made, made.way);
  trial.end();
  console.log(JSON.stringify({ changes: made.changes, ...report }, undefined, 2));
  if (report.problems.length > 0) process.exitCode = 1;
}

async function attackBytes(format: string): Promise<void> {
  const { target } = (await import(`./targets/${format}.ts`)) as { target: () => Target | Promise<Target> };
  const start = performance.now();
  const { read, refused, slowest } = await fuzz(await target(), cases, seed);
  const seconds = (performance.now() - start) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${format}: ${cases} cases in ${seconds.toFixed(0)} s: ${read} read, ${refused} refused, slowest ${slowest.toFixed(0)} ms, at most ${peak.toFixed(0)} MB of memory`,
  );
}
