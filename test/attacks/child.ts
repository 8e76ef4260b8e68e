// Answers one attack in a process of its own: `ready`, then a line of JSON. Run by `attack.ts`.
import { load, MobileNetsError, toPicture } from "mobilenets";

const [kind, address] = process.argv.slice(2) as ["picture" | "weights", string];
const work = {
  picture: () => toPicture(address),
  weights: async () => {
    const model = await load(address, { engine: "wasm", threads: 1 });
    await model.predict({
      data: new Float32Array(model.inputShape.reduce((a, b) => a * b)),
      shape: [1, ...model.inputShape],
    });
  },
}[kind];

process.stdout.write("ready\n");
const start = performance.now();
const usedBefore = process.cpuUsage();
let error: { readonly name: string; readonly message: string; readonly ours: boolean } | undefined;
try {
  await work();
} catch (thrown) {
  const { name, message } = thrown as Error;
  error = { name, message, ours: MobileNetsError.is(thrown) };
}
const ms = performance.now() - start;
const used = process.cpuUsage(usedBefore);
// In kilobytes on every system that Node runs on.
process.stdout.write(
  `${JSON.stringify({ error, ms, cpuMs: (used.user + used.system) / 1e3, megabytes: process.resourceUsage().maxRSS / 1e3 })}\n`,
);
