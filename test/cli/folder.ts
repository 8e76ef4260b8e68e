import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A new folder that goes away with the tests of the file (or of the suite) that asks for it. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-"));
  after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
