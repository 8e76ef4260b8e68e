import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { checkBuild } from "./check-build.ts";

// What users run: the built command.
checkBuild();
const bin = fileURLToPath(new URL("../../packages/cli/bin/mobilenets.js", import.meta.url));

export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `mobilenets <args>` and leaves it to run. */
export function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
}

/** Output and end of a process that was started. */
export async function outcome(child: ChildProcess): Promise<Outcome> {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...output };
}

export function mobilenets(args: readonly string[], options?: SpawnOptions): Promise<Outcome> {
  return outcome(start(args, options));
}

/** The lines of a JSON Lines output. */
export function jsonLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** A network small enough for tests, without trained weights. */
export const tiny = ["--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--weights", "random"];
