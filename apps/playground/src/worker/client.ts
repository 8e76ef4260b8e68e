import { proxy, type Remote, transfer, wrap } from "comlink";
import type { Frame } from "../classify/frames.ts";
import type { Api } from "./api.ts";

/** The worker with the model, as an object of asynchronous functions. */
export type Client = Remote<Api>;

/** @param onEnd gets the reason if the worker cannot start or continue */
export function startClient(onEnd: (error: string) => void): Client {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", ({ message }) => onEnd(message ?? "the worker cannot be loaded."));
  return wrap<Api>(worker);
}

/** Transfers a frame instead of copying it. */
export const handOver = (frame: Frame): Frame => transfer(frame, [frame]);

/** A function that the worker may call. */
export const telling = <Told>(tell: (told: Told) => void): ((told: Told) => void) => proxy(tell);
