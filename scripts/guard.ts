// `npm run guard`: lists plans, kernels and outputs that differ from the committed hashes. `npm run guard -- --write`
// writes the current hashes. Outputs with relaxed SIMD need a host that has it (Node 22 or newer), else they are kept.
import { differences, type Guard, readHashes, takeHashes, writeHashes } from "../test/guard/guard.ts";

const before: Guard = readHashes();
const now = await takeHashes();
const moved = differences(before, now);
console.log(moved.length === 0 ? "nothing has moved" : moved.join("\n"));
if (process.argv.includes("--write")) {
  if (moved.length > 0) writeHashes(merge(before, now));
  if (!now["outputs, relaxed"]) console.log("no relaxed SIMD here: run this on Node 22 or newer as well");
} else if (moved.length > 0) {
  process.exitCode = 1;
}

/** Merges hashes. Training steps run on the host's preferred instruction set: those of the other one are kept. */
function merge(old: Guard, taken: Guard): Guard {
  const steps = Object.entries(old["outputs, simd"] ?? {}).filter(([name]) => name.endsWith(" training"));
  return { ...old, ...taken, "outputs, simd": { ...Object.fromEntries(steps), ...taken["outputs, simd"] } };
}
