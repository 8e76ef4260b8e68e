// Adds missing integrity hashes to lock files: npm leaves them out for packages of other platforms that it has never
// unpacked. Usage: node scripts/complete-lock.mjs [package-lock.json ...]
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const files = process.argv.slice(2);
for (const file of files.length > 0 ? files : ["package-lock.json"]) {
  const lock = JSON.parse(readFileSync(file, "utf8"));
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (!path.includes("node_modules/") || entry.link || entry.integrity) continue;
    const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const integrity = execFileSync("npm", ["view", `${name}@${entry.version}`, "dist.integrity"], { encoding: "utf8" });
    entry.integrity = integrity.trim();
    console.log(`${file}: ${name}@${entry.version}`);
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
