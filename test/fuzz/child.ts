// Tries a range of a format's cases, or saved ones, and reports each to its parent; see run.ts.
import { caseOf, specimensOf } from "./cases.ts";
import { type Report, Trial, ways } from "./watch/attempt.ts";

/** A message of a child: the start or the result of a case. */
export type Message = { readonly begins: number } | { readonly done: number; readonly report: Report };

const [format, seed, from, to] = process.argv.slice(2);
const send = (message: Message) => process.send?.(message);
const specimens = await specimensOf(format);
const trial = await Trial.start();
// Valid files first, so that lazy loading and compilation do not count for any case.
for (const specimen of specimens) for (const way of ways) await trial.run(specimen.make(), way);
for (let i = Number(from); i < Number(to); i++) {
  send({ begins: i });
  const made = caseOf(specimens, Number(seed), i);
  send({ done: i, report: await trial.run(made, made.way) });
}
trial.end();
process.disconnect?.();
