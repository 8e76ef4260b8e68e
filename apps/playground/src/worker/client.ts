import { proxy, type Remote, transfer, wrap } from "comlink";
import type { Api } from "./api.ts";

/** The worker with the model, as an object of promises. */
export type Client = Remote<Api>;

export function startClient(): Client {
  return wrap<Api>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
}

/** Hands a bitmap over instead of copying it. */
export const handOver = (bitmap: ImageBitmap): ImageBitmap => transfer(bitmap, [bitmap]);

/** A function that the worker may call. */
export const telling = <Told>(tell: (told: Told) => void): ((told: Told) => void) => proxy(tell);
