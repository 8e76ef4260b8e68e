import type { Picture } from "mobilenets";
import { diagnostic, result } from "../output.ts";
import { DEFAULT_BATCH, infer } from "./infer.ts";
import type { Limits } from "./limits.ts";
import { isBad } from "./open.ts";
import type { Input } from "./walk.ts";

/** Output formats of a result. */
export interface Formats<R> {
  /** Members of the JSON object after `path`. Undefined for text output. */
  readonly json?: (value: R) => object;
  readonly text: (path: string, value: R) => string;
}

/** Prints one result per picture. A bad picture sets the exit code to 1, and does not stop the others. */
export async function printEach<R>(
  paths: readonly Input[],
  run: (pictures: readonly Picture[]) => Promise<readonly R[]>,
  { json, text }: Formats<R>,
  limits?: Limits,
): Promise<void> {
  for await (const batch of infer(paths, run, DEFAULT_BATCH, limits)) {
    for (const item of batch) {
      const { path } = item;
      if (isBad(item)) {
        process.exitCode = 1;
        diagnostic(`error: ${item.error.message}`);
        if (json) await result(JSON.stringify({ path, error: item.error }));
      } else {
        await result(json ? JSON.stringify({ path, ...json(item.value) }) : text(path, item.value));
      }
    }
  }
}
