import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answerTo, FIXTURES, openAttacks } from "./attack.ts";

/** Of the whole process, what Node and the loader of TypeScript take included. */
const MOST_MEGABYTES = 500;

const skip = existsSync(FIXTURES) ? false : "the fixtures do not lie beside this clone";

test("each hostile file is refused in our words, in little memory, and leads nowhere", { skip }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-attacks-"));
  const { all, asked, close } = await openAttacks(dir);
  t.after(async () => {
    close();
    await rm(dir, { recursive: true });
  });
  assert.ok(all.length >= 20, `${all.length} attacks`);
  for (const attack of all) {
    const answer = await answerTo(attack);
    assert.ok(answer, `${attack.name}: no answer`);
    const { error, ms, cpuMs, megabytes } = answer;
    assert.ok(error?.ours, `${attack.name}: ${JSON.stringify(error)}`);
    assert.match(error.message, attack.message, attack.name);
    assert.ok(megabytes < MOST_MEGABYTES, `${attack.name}: ${megabytes} MB`);
    t.diagnostic(
      `${attack.name}: ${ms.toFixed(0)} ms (${cpuMs.toFixed(0)} of the processor), ${megabytes.toFixed(0)} MB`,
    );
  }
  assert.deepEqual(asked, []);
});
