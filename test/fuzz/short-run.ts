import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caseOf, specimensOf } from "./cases.ts";
import { Trial } from "./watch/attempt.ts";

const SEED = 13;

/**
 * Tries some cases of formats in this process, always the same; `npm run fuzz` tries thousands more.
 * @param good number of valid files that load, by format
 */
export function shortRun(formats: Readonly<Record<string, number>>, cases: number): void {
  let trial: Trial;
  before(async () => {
    trial = await Trial.start();
  });
  after(() => trial.end());

  for (const [format, good] of Object.entries(formats)) {
    test(`${format}: files with changed fields run alike on two engines, or are refused in words`, async (t) => {
      const specimens = await specimensOf(format);
      const whole = [];
      for (const specimen of specimens) whole.push(await trial.run(specimen.make(), "path"));
      assert.deepEqual(
        whole.flatMap(({ problems }) => problems),
        [],
      );
      assert.equal(whole.filter(({ result }) => result === "ran").length, good);

      const results = { refused: 0, loaded: 0, ran: 0 };
      for (let i = 0; i < cases; i++) {
        const made = caseOf(specimens, SEED, i);
        const { result, problems } = await trial.run(made, made.way);
        results[result]++;
        const what = `case ${i} of seed ${SEED}, ${made.specimen}: ${made.changes.join("; ").slice(0, 500)}`;
        assert.deepEqual(problems, [], what);
      }
      t.diagnostic(JSON.stringify(results));
      assert.ok(results.refused > cases / 4 && results.ran > 0);
    });
  }
}
