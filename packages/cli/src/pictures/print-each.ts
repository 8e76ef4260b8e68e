import type { Picture } from "mobilenets";
import { diagnostic, result } from "../output.ts";
import { DEFAULT_BATCH, infer } from "./infer.ts";
import type { Limits } from "./limits.ts";
import { isBad } from "./open.ts";
import type { Input } from "./walk.ts";

export interface Formats<R> {
  /** Members of the JSON object that follow `path`. Given if JSON is wanted. */
  readonly json?: (value: R) => object;
  readonly text: (path: string, value: R) => string;
}

/** Prints a result per picture. A picture that cannot be read does not hold up the others; the exit code becomes 1. */
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
