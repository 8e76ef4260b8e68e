// `npm run bench:attacks`: time and memory of hostile files, which are beside a clone, in ../shared.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerTo, openAttacks } from "../test/attacks/attack.ts";

const dir = await mkdtemp(join(tmpdir(), "mobilenets-attacks-"));
const { all, asked, close } = await openAttacks(dir);
console.log("| file | ms | CPU ms | MB, whole process | answer |\n|---|--:|--:|--:|---|");
for (const attack of all) {
  const answer = await answerTo(attack);
  const said = answer?.error ? `${answer.error.name}: ${answer.error.message}`.replaceAll(dir, "…") : "none";
  console.log(
    `| ${attack.name} | ${answer?.ms.toFixed(0)} | ${answer?.cpuMs.toFixed(0)} | ${answer?.megabytes.toFixed(0)} | ${said} |`,
  );
}
console.log(`\nRequests that nobody may make: ${asked.length}.`);
close();
await rm(dir, { recursive: true });
