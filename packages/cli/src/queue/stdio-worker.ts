import { createInterface } from "node:readline";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { diagnostic, result } from "../output.ts";
import { parseJob } from "./job.ts";
import { type MachineFlags, PartMaker, UnfitMachine } from "./part-maker.ts";

/**
 * Reads chunks as JSON lines from standard input, and writes one JSON line per chunk to standard output, in order: its
 * result, or `name` and `error`. Ends with its input.
 */
export async function workOnStdin(flags: MachineFlags & { readonly quiet?: true }): Promise<void> {
  const maker = new PartMaker(flags, flags.quiet ? () => {} : diagnostic);
  await interruptible(async (signal) => {
    const lines = createInterface({ input: process.stdin });
    signal.addEventListener("abort", () => lines.close(), { once: true });
    let line = 0;
    for await (const text of lines) {
      line++;
      if (signal.aborted) break;
      if (text.trim() === "") continue;
      const answer = await answerOf(maker, text, `standard input, line ${line}`, signal);
      if (signal.aborted && "error" in answer) break;
      if ("error" in answer) {
        process.exitCode = 1;
        diagnostic(`error: ${answer.name ?? `line ${line}`}: ${answer.error}`);
      }
      await result(JSON.stringify(answer));
    }
    if (signal.aborted) process.exitCode = EXIT_INTERRUPTED;
  }, "stopping: the current chunk is given up").finally(() => maker.close());
}

async function answerOf(maker: PartMaker, text: string, where: string, signal: AbortSignal) {
  let name: string | null = null;
  try {
    const job = parseJob(text, where);
    name = job.name;
    return await maker.make(job, signal);
  } catch (error) {
    // Other chunks would fail too, so the caller should try another machine.
    if (error instanceof UnfitMachine) throw error.cause;
    return { name, error: (error as Error).message };
  }
}
