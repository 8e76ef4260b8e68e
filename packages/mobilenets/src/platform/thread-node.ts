import { type TransferListItem, Worker } from "node:worker_threads";
import type { ThreadHost } from "./thread.ts";

export const startThread: ThreadHost["startThread"] = (given) => {
  // Without the program's flags, such as --input-type, which workers refuse.
  const worker =
    (given as Worker | undefined) ?? new Worker(new URL("./model-thread.js", import.meta.url), { execArgv: [] });
  worker.unref();
  let closed = false;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as TransferListItem[]),
    onMessage: (listener) => void worker.on("message", listener),
    onEnd(listener) {
      worker.on("error", ({ message }) => listener(message));
      worker.on("messageerror", () => listener("a message cannot be read"));
      worker.on("exit", (code) => {
        if (!closed) listener(`it exited with code ${code}`);
      });
    },
    hold: (on) => (on ? worker.ref() : worker.unref()),
    close() {
      closed = true;
      void worker.terminate();
    },
  };
};

/** Threads share the working directory, so paths do not change. */
export const absolute: ThreadHost["absolute"] = (address) => address;
