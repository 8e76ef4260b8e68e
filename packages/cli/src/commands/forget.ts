import type { Command } from "commander";
import { addExamples } from "../help/examples.ts";
import { diagnostic, result } from "../output.ts";
import { STDIN } from "../pictures/read-stdin.ts";
import { printable } from "../printable.ts";
import { forgetRows, liftForgotten } from "../store/forget-rows.ts";
import { readStdinText } from "../store/inputs/gather.ts";
import { linesOf } from "../store/inputs/manifest.ts";
import { grouped } from "../table.ts";

interface ForgetFlags {
  readonly lift?: true;
  readonly json?: true;
}

/** Adds the command `forget`, which takes pictures out of a store of parts for good. */
export function addForget(root: Command): void {
  const command = root
    .command("forget")
    .summary("take pictures out of a store of parts, for good")
    .description(
      "Take pictures out of a store of Parquet parts, for good: their rows are deleted, and `extract` leaves them out from now on.",
    )
    .argument("<store>", "folder that `extract` wrote")
    .argument("<pictures...>", "ids or paths, as the store has them, or - for a list of them on standard input")
    .option("--lift", "let `extract` take these ids in again")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(forget);
  addExamples(command, [
    ["mobilenets forget store photos/2.jpg", "Delete a picture's row"],
    ["mobilenets forget store photos/2.jpg --lift", "Let it in again"],
    ["mobilenets forget labelled photos/1.png photos/2.jpg --json", "Several, for a program"],
  ]);
}

const help = `
The parts that hold the rows are written anew without them. The store remembers a hash of each id, not the id.

Exit codes: 0 done, 1 a picture has no row or the job failed, 2 bad usage.`;

async function forget(store: string, named: string[], { lift, json }: ForgetFlags): Promise<void> {
  const listed = named.includes(STDIN) ? linesOf(await readStdinText()).filter((line) => line !== "") : [];
  const pictures = [...new Set([...named.filter((name) => name !== STDIN), ...listed])];
  if (lift) {
    const lifted = await liftForgotten(store, pictures);
    if (lifted < pictures.length) process.exitCode = 1;
    await result(
      json ? JSON.stringify({ lifted }) : `${grouped(lifted)} of ${grouped(pictures.length)} were forgotten`,
    );
    return;
  }
  const { ids, missing, index } = await forgetRows(store, pictures);
  for (const name of missing) diagnostic(`error: ${printable(name)}: no row of this id or path in ${printable(store)}`);
  if (index) diagnostic(`the index held them too, and is removed: mobilenets index ${printable(store)} makes it anew`);
  if (missing.length > 0) process.exitCode = 1;
  await result(json ? JSON.stringify({ ids, missing }) : `${grouped(ids.length)} rows deleted`);
}
