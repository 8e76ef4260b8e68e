import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Order, RemoteSeat } from "../contest.ts";
import { isWidened, NODE_FLAG, plain } from "../wide.ts";
import type { Reply } from "./child.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** A contender in a separate process of the same Node. */
export async function nodeSeat(models: string, order: Order): Promise<RemoteSeat> {
  const { contender, network, threads } = order;
  const child = fork(CHILD, [plain(contender), network, String(threads), models], {
    execArgv: [...(isWidened(contender) ? [NODE_FLAG] : []), "--import", "tsx", "--conditions", "source"],
  });
  const call = (method: string, ...args: number[]) => {
    const result = answer(child, contender);
    child.send({ method, args });
    return result;
  };
  try {
    const actual = (await answer(child, contender)) as number | undefined;
    return {
      contender,
      threads: actual ?? threads,
      output: () => call("output") as Promise<number[]>,
      warmUp: (runs, ms) => call("warmUp", runs, ms) as Promise<void>,
      time: (pictures) => call("time", pictures) as Promise<number[]>,
      async close() {
        child.kill();
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** The child's next message. */
function answer(child: ChildProcess, contender: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error(`${contender}: its process ended`));
    child.once("exit", onExit);
    child.once("message", (reply: Reply) => {
      child.off("exit", onExit);
      if ("error" in reply) reject(new Error(`${contender}: ${reply.error}`));
      else resolve(reply.result);
    });
  });
}
