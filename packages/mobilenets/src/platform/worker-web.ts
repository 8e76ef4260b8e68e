import type { Thread, WorkerHost } from "./worker.ts";

export const startWorker: WorkerHost["startWorker"] = (script): Thread => {
  const url = URL.createObjectURL(new Blob([`const host = self;${script}`], { type: "text/javascript" }));
  let worker: Worker;
  try {
    worker = new Worker(url);
  } finally {
    URL.revokeObjectURL(url);
  }
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", () => listener()),
    onFailure: (listener) => worker.addEventListener("error", ({ message }) => listener(message || "it did not start")),
    hold: () => {},
    terminate: () => worker.terminate(),
  };
};

export const parallelism: WorkerHost["parallelism"] = () => globalThis.navigator?.hardwareConcurrency ?? 1;
export const canShare: WorkerHost["canShare"] = () => globalThis.crossOriginIsolated === true;
export const canBlock: WorkerHost["canBlock"] = () => typeof document === "undefined";
export const environment: WorkerHost["environment"] = () => undefined;

/** The thread sends itself a message, which has no delay of milliseconds, unlike a timer. */
export const yieldToHost: WorkerHost["yieldToHost"] = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
