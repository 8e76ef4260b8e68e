import type { Port, ThreadHost } from "./thread.ts";

export const startThread: ThreadHost["startThread"] = (given): Port => {
  const worker = (given as Worker | undefined) ?? ownWorker();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onEnd(listener) {
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        listener(event.message || "its script cannot be loaded");
      });
      worker.addEventListener("messageerror", () => listener("a message cannot be read"));
    },
    hold: () => {},
    close: () => worker.terminate(),
  };
};

/** A script without a module address (an IIFE) expects the thread's script beside the page, like the weights. */
function ownWorker(): Worker {
  try {
    // Bundlers look for exactly this expression.
    return new Worker(new URL("./model-thread.js", import.meta.url), { type: "module" });
  } catch (error) {
    // An invalid address is a TypeError; a forbidden worker is another error.
    if (!(error instanceof TypeError)) throw error;
    return new Worker(absolute("model-thread.js"), { type: "module" });
  }
}

export const absolute: ThreadHost["absolute"] = (address) =>
  new URL(address, globalThis.document?.baseURI ?? globalThis.location.href).href;
