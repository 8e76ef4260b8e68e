// The kill test at full size: 2,000 pictures, killed 10 times. Not part of the quick suite; takes a minute or two.
// node --import tsx --conditions source test/cli/kill-2000.ts [pictures] [kills]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAndCompare } from "./kill.ts";

const [pictures = "2000", kills = "10"] = process.argv.slice(2);
const root = await mkdtemp(join(tmpdir(), "kill-2000-"));
try {
  await killAndCompare(root, Number(pictures), Number(kills), console.log);
} finally {
  await rm(root, { recursive: true });
}
