import type { Port, ThreadHost } from "./thread.ts";

export const startThread: ThreadHost["startThread"] = (given) => {
  // Bundlers look for this expression, as it stands.
  const worker =
    (given as Worker | undefined) ?? new Worker(new URL("./model-thread.js", import.meta.url), { type: "module" });
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

export const ownPort: ThreadHost["ownPort"] = (): Port => {
  const scope = globalThis as unknown as Worker;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => scope.addEventListener("message", ({ data }) => listener(data)),
    onEnd: () => {},
    hold: () => {},
    close: () => (globalThis as { close?(): void }).close?.(),
  };
};

export const absolute: ThreadHost["absolute"] = (address) =>
  new URL(address, globalThis.document?.baseURI ?? globalThis.location.href).href;
