import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Thread, WorkerHost } from "./worker.ts";

/** An idle thread does not keep the process alive. */
export const startWorker: WorkerHost["startWorker"] = (script): Thread => {
  const worker = new Worker(`const host = require("node:worker_threads").parentPort;${script}`, {
    eval: true,
    execArgv: [],
    stdin: false,
  });
  worker.unref();
  let done = false;
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on("message", () => listener()),
    onFailure(listener) {
      worker.on("error", (error) => listener(error.message));
      worker.on("exit", (code) => {
        if (!done) listener(`it exited with code ${code}`);
      });
    },
    hold: (on) => (on ? worker.ref() : worker.unref()),
    terminate() {
      done = true;
      void worker.terminate();
    },
  };
};

export const parallelism: WorkerHost["parallelism"] = () => availableParallelism();
export const canShare: WorkerHost["canShare"] = () => true;
export const canBlock: WorkerHost["canBlock"] = () => true;
export const yieldToHost: WorkerHost["yieldToHost"] = () => new Promise((resolve) => setImmediate(resolve));

export const environment: WorkerHost["environment"] = (name) => {
  try {
    return process.env[name];
  } catch {
    // Deno needs a permission.
    return undefined;
  }
};
