import { OptionError } from "../errors.ts";
import { type LoadOptions, load, type WeightSource } from "../load.ts";
import type { Model } from "../model.ts";
import type { Port } from "../platform/thread.ts";
import type { Tensor } from "../tensor.ts";
import { packError } from "./pack-error.ts";
import type { Request } from "./protocol.ts";

/** The page's facts about a model in a thread. */
export type ModelFacts = Pick<
  Model,
  "name" | "labels" | "inputShape" | "preprocessing" | "engine" | "notes" | "network" | "options"
>;

/** Holds a model and answers calls in order. */
export function serve(port: Port): void {
  const calls = new Map<number, AbortController>();
  let model: Model | undefined;
  port.onMessage(async (message) => {
    const request = message as Request;
    if ("abort" in request) {
      calls.get(request.abort)?.abort();
      return;
    }
    const { id, method, args } = request;
    const controller = new AbortController();
    calls.set(id, controller);
    try {
      let result: unknown;
      if (method === "load") {
        const [source, options] = args as [WeightSource | undefined, LoadOptions];
        model = await load(source, {
          ...options,
          fetch: {
            ...options.fetch,
            signal: controller.signal,
            onProgress: (progress) => port.post({ id, progress }),
          },
          // The page shows the warnings.
          warn: () => {},
        });
        result = factsOf(model);
      } else if (model) {
        result = await answer(model, method, args, controller.signal);
      } else {
        throw new OptionError({ where: "worker", found: `a call of ${method} before a model is loaded` });
      }
      port.post({ id, result }, buffersOf(result));
    } catch (error) {
      port.post({ id, error: packError(error) });
    } finally {
      calls.delete(id);
      for (const picture of [args[0]].flat()) release(picture);
    }
  });
}

function factsOf(model: Model): ModelFacts {
  const { name, labels, inputShape, preprocessing, engine, notes, network, options } = model;
  return { name, labels, inputShape, preprocessing, engine, notes, network, options };
}

function answer(model: Model, method: string, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
  const [first, second, third] = args as [never, never, never];
  switch (method) {
    case "classify":
      return model.classify(first, { ...(second as object), signal });
    case "embed":
      return model.embed(first, { ...(second as object), signal });
    case "features":
      return model.features(first, second, { ...(third as object), signal });
    case "predict":
      return model.predict(first, { ...(second as object), signal });
    default:
      throw new OptionError({ where: "worker", found: `a call of ${method}` });
  }
}

/** The buffers of a result, which the thread no longer needs. */
function buffersOf(result: unknown): ArrayBufferLike[] {
  if (result instanceof Float32Array) return [result.buffer];
  if (typeof result !== "object" || result === null) return [];
  if ("data" in result && "shape" in result) return [(result as Tensor).data.buffer];
  return Object.values(result).flatMap((value) => (isNumbers(value) ? buffersOf(value) : []));
}

const isNumbers = (value: unknown) =>
  value instanceof Float32Array || (typeof value === "object" && value !== null && "data" in value && "shape" in value);

/** Frames and bitmaps hold memory that no garbage collector sees. */
function release(picture: unknown): void {
  if (typeof picture === "object" && picture !== null && "close" in picture && typeof picture.close === "function") {
    picture.close();
  }
}
