import { parentPort, type TransferListItem } from "node:worker_threads";
import type { OwnPort } from "./thread.ts";

/** A worker thread's own port in Node; see `OwnPort`. */
export const ownPort: OwnPort["ownPort"] = () => {
  if (!parentPort) throw new Error("mobilenets/worker/thread: no parent thread, expected to run as a worker's script");
  const port = parentPort;
  return {
    post: (message, transfer) => port.postMessage(message, transfer as TransferListItem[]),
    onMessage: (listener) => void port.on("message", listener),
    onEnd: () => {},
    hold: () => {},
    close: () => port.close(),
  };
};
