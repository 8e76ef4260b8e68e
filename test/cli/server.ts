import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "./run.ts";

export interface Served {
  readonly address: string;
  /** Ends it by SIGTERM; its exit code. */
  stop(): Promise<number | null>;
}

/** Starts `mobilenets serve` on a free port and waits until it is ready. */
export async function serve(args: readonly string[]): Promise<Served> {
  const child = start(["serve", "--port", "0", ...args]);
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close");
  for (let i = 0; i < 600; i++) {
    const address = /listening on (\S+)/.exec(stdout)?.[1];
    if (address && (await fetch(`${address}/readyz`).catch(() => undefined))?.ok) {
      return {
        address,
        async stop() {
          child.kill("SIGTERM");
          return (await closed)[0] as number | null;
        },
      };
    }
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  child.kill();
  throw new Error(`serve did not become ready: ${stderr}`);
}
