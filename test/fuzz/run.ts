// Attacks one format's reader at length; the tests do so briefly.
// Usage: node --import tsx --conditions source test/fuzz/run.ts FORMAT CASES [SEED]
import { fuzz, type Target } from "./harness.ts";

const [format, cases = "20000", seed = "1"] = process.argv.slice(2);
if (!format || !/^[a-z0-9-]+$/.test(format)) {
  console.error("usage: run.ts FORMAT CASES [SEED], where targets/FORMAT.ts exists");
  process.exit(2);
}
const { target } = (await import(`./targets/${format}.ts`)) as { target: () => Target | Promise<Target> };
const start = performance.now();
const { read, refused, slowest } = await fuzz(await target(), Number(cases), Number(seed));
const seconds = (performance.now() - start) / 1000;
const peak = process.resourceUsage().maxRSS / 1024;
console.log(
  `${format}: ${cases} cases in ${seconds.toFixed(0)} s: ${read} read, ${refused} refused, slowest ${slowest.toFixed(0)} ms, at most ${peak.toFixed(0)} MB of memory`,
);
