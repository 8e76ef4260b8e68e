// `npm run guard`: says which plans, kernels and outputs are not what was committed. `npm run guard -- --write` commits to
// those of now. Outputs with relaxed SIMD are taken where the host has it (Node 22 or newer), else kept as they are.
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

/** Training steps are taken on the instruction set that the host prefers: those of the other one stay. */
function merge(old: Guard, taken: Guard): Guard {
  const steps = Object.entries(old["outputs, simd"] ?? {}).filter(([name]) => name.endsWith(" training"));
  return { ...old, ...taken, "outputs, simd": { ...Object.fromEntries(steps), ...taken["outputs, simd"] } };
}
