import type { OwnPort } from "./thread.ts";

/** A worker's own port in pages, Deno and Bun; see `OwnPort`. */
export const ownPort: OwnPort["ownPort"] = () => {
  const scope = globalThis as unknown as Worker;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => scope.addEventListener("message", ({ data }) => listener(data)),
    onEnd: () => {},
    hold: () => {},
    close: () => (globalThis as { close?(): void }).close?.(),
  };
};
