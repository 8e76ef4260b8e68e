// `npm run bench:queue`: processes many pictures through Redis while a worker is killed repeatedly, and compares the rate
// of two workers with that of one process; see README.md.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { temporaryFolder } from "../test/cli/folder.ts";
import { partFiles, vectorsOf } from "../test/cli/parts.ts";
import { writeMany } from "../test/cli/pictures.ts";
import { TestRedis } from "../test/cli/redis.ts";
import { mobilenets, outcome, start, tiny } from "../test/cli/run.ts";

const { values } = parseArgs({
  options: {
    pictures: { type: "string", default: "20000" },
    /** Seconds between kills. */
    kill: { type: "string", default: "5" },
    /** Number of pictures for the comparison of rates. */
    compared: { type: "string", default: "2000" },
    rounds: { type: "string", default: "3" },
  },
});
const root = await temporaryFolder();
const redis = await TestRedis.start();
const problems: string[] = [];

async function run(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await mobilenets(args);
  if (code !== 0) throw new Error(`mobilenets ${args.join(" ")}\n${stderr}`);
  return stdout;
}

const worker = (queue: string, ...more: string[]) =>
  start(["worker", "--redis", redis.url, "--queue", queue, "--threads", "1", "--once", "--quiet", ...more]);
const add = (photos: string, out: string, queue: string, model: readonly string[]) =>
  run(["queue", "add", photos, "--out", out, "--redis", redis.url, "--queue", queue, ...model]);

/** One worker stays, the other is killed every few seconds, and Redis restarts halfway. */
async function killing(): Promise<void> {
  const model = ["--chunk-size", "100", ...tiny];
  const photos = join(root, "photos");
  await writeMany(photos, Number(values.pictures));
  const [alone, killed] = [join(root, "alone"), join(root, "killed")];
  await run(["extract", photos, "--out", alone, "--format", "parquet", "--quiet", ...model]);
  await add(photos, killed, "killed", model);
  const limits = ["--stalled-after", "2", "--max-stalled", "1000"];
  const steady = worker("killed", ...limits);
  const end = outcome(steady);
  let [kills, restarts] = [0, 0];
  while (steady.exitCode === null && steady.signalCode === null) {
    const victim = worker("killed", ...limits);
    const gone = once(victim, "exit");
    await Promise.race([gone, sleep(Number(values.kill) * 1000)]);
    victim.kill("SIGKILL");
    await gone;
    kills++;
    if (restarts === 0 && Object.keys(await partFiles(killed)).length > Number(values.pictures) / 1000) {
      restarts++;
      await redis.stop();
      await redis.start();
    }
  }
  const { code, stderr } = await end;
  if (code !== 0) problems.push(stderr);
  // This removes the unfinished files of killed workers.
  await add(photos, killed, "killed", model);
  const [expected, got] = [await partFiles(alone), await partFiles(killed)];
  const names = Object.keys(expected);
  const same = names.filter((name) => got[name] === expected[name]).length;
  // Throws for a duplicate id.
  const rows = Object.keys(await vectorsOf(killed)).length;
  console.log(`${values.pictures} pictures, ${kills} kills, ${restarts} restart of Redis`);
  console.log(`${same} of ${names.length} parts equal to the byte, ${Object.keys(got).length} there, ${rows} rows`);
  if (same !== names.length || Object.keys(got).length !== names.length) problems.push("parts differ");
  if (kills < 2 || restarts === 0) problems.push("it was over before it was disturbed: --pictures takes more");
}

/** Measures the pictures per second of both in turns, including the start of processes. */
async function comparing(): Promise<void> {
  const model = ["--chunk-size", "200", "--network", "mobilenet_v2", "--weights", "random"];
  const photos = join(root, "compared");
  await writeMany(photos, Number(values.compared));
  const rates: Record<"one" | "two", number[]> = { one: [], two: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const kind of round % 2 === 0 ? (["one", "two"] as const) : (["two", "one"] as const)) {
      const out = join(root, `${kind}${round}`);
      if (kind === "two") await add(photos, out, out.slice(-4), model);
      const begun = performance.now();
      if (kind === "two") {
        const both = [worker(out.slice(-4)), worker(out.slice(-4))].map((child) => outcome(child));
        for (const { code, stderr } of await Promise.all(both)) if (code !== 0) problems.push(stderr);
      } else await run(["extract", photos, "--out", out, "--format", "parquet", "--quiet", "--threads", "2", ...model]);
      rates[kind].push(Number(values.compared) / ((performance.now() - begun) / 1000));
      await rm(out, { recursive: true });
    }
  }
  const show = (all: number[]) => all.map((rate) => rate.toFixed(0)).join(", ");
  const best = Math.max(...rates.two) / Math.max(...rates.one);
  console.log(`one process of two threads: ${show(rates.one)} pictures/s, its start among them`);
  console.log(`two workers of one thread: ${show(rates.two)} pictures/s; best to best ${best.toFixed(2)}`);
  if (best < 0.95) problems.push(`two workers reach ${best.toFixed(2)} of one process, expected 0.95`);
}

try {
  if (Number(values.pictures) > 0) await killing();
  if (Number(values.compared) > 0) await comparing();
} finally {
  await redis.stop();
}
for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
