import assert from "node:assert/strict";
import { join } from "node:path";
import { interrupted } from "./interrupted.ts";
import { writeMany } from "./pictures.ts";
import { mobilenets, tiny } from "./run.ts";
import { readStore, storeBytes } from "./store-files.ts";

/**
 * Kills an extraction of `n` pictures `kills` times at random moments, lets it finish, and holds the result against
 * that of a run left alone, byte for byte.
 */
export async function killAndCompare(root: string, n: number, kills: number, log: (line: string) => void) {
  const photos = join(root, "photos");
  await writeMany(photos, n);
  const [alone, killed] = [join(root, "alone"), join(root, "killed")];
  const extract = (out: string) => mobilenets(["extract", photos, "--out", out, "--format", "npy", ...tiny]);
  const reference = await extract(alone);
  assert.equal(reference.code, 0, reference.stderr);

  let before = 0;
  for (let i = 1; i <= kills; i++) {
    // Every third time while it starts, else somewhere in its share of the pictures.
    const more = i % 3 === 0 ? 0 : Math.ceil(Math.random() * (n / kills));
    const { signal, done } = await interrupted(photos, killed, "SIGKILL", more);
    log(`kill ${i}: after ${done} of ${n}, ended by ${signal ?? "itself"}`);
    assert.ok(done >= before, `no picture is lost: ${before} were done`);
    before = done;
    if (done > 0) await assertReadable(killed);
  }
  const last = await extract(killed);
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(await storeBytes(killed), await storeBytes(alone));
  const { rows, items } = await readStore(killed);
  log(`equal: ${items.length} lines, ${rows} rows`);
}

/** Whatever was going on when it died, the header promises no row that is not there. */
async function assertReadable(dir: string): Promise<void> {
  const { rows, dim, data } = await readStore(dir);
  assert.ok(data.length >= rows * dim, `${rows} rows of ${dim} promised, ${data.length} numbers there`);
}
