import { absolute, startThread } from "#thread";
import type { RunOptions } from "../engines/engine.ts";
import { EngineError, OptionError } from "../errors.ts";
import type { ImageSource } from "../image/source.ts";
import type { LoadOptions, WeightSource } from "../load.ts";
import type { ClassifyOptions, Prediction } from "../model.ts";
import { isNetworkName } from "../models/networks.ts";
import type { Port, WorkerLike } from "../platform/thread.ts";
import type { Shape, Tensor } from "../tensor.ts";
import { maybePublished } from "../weights/published/imagenet.ts";
import { type FrameSource, latestFrames } from "./frames.ts";
import { unpackError } from "./pack-error.ts";
import type { Response } from "./protocol.ts";
import { sendable } from "./sendable.ts";
import type { ModelFacts } from "./serve.ts";

/** Options of `loadInWorker`: those of `load`, and the thread. */
export interface WorkerOptions extends LoadOptions {
  /**
   * A worker that you have started, for bundlers that do not find the library's own. Its script is one line:
   * `import "mobilenets/worker/thread";`
   */
  readonly worker?: WorkerLike;
}

/** Options of a call to a model in a worker. */
export interface SendOptions {
  /**
   * Transfers pictures instead of copying them: bitmaps, video frames, bytes and pixels then belong to the worker and
   * are empty here. Default false.
   */
  readonly transfer?: boolean;
}

/** Options of `watch`. */
export interface WatchOptions<Result> extends ClassifyOptions {
  /** The call for each frame. Default: `classify`. */
  readonly run?: (frame: ImageSource) => Promise<Result>;
}

/** The result for a frame. */
export interface Watched<Result> {
  readonly result: Result;
  /** Number of frames skipped since the last result. */
  readonly dropped: number;
}

/** A call in progress. */
interface Call {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (progress: never) => void;
}

/** How a call is sent. */
interface Sent {
  readonly signal?: AbortSignal;
  readonly onProgress?: Call["onProgress"];
  readonly transfer?: readonly unknown[];
}

const HINT =
  "a page's content security policy has to say worker-src 'self'; a script of another site, and a bundler that leaves the worker out, need the option worker";

/** Calls through a port, each with a number. */
class Caller {
  readonly #port: Port;
  readonly #calls = new Map<number, Call>();
  #next = 0;
  #end: (() => Error) | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.onMessage((message) => this.#receive(message as Response));
    port.onEnd((reason) => {
      this.end(() => new EngineError({ where: "worker", found: `a thread that has ended: ${reason}`, hint: HINT }));
    });
  }

  call<Result>(method: string, args: readonly unknown[], { signal, onProgress, transfer }: Sent = {}): Promise<Result> {
    const id = this.#next++;
    return new Promise<Result>((resolve, reject) => {
      if (this.#end) throw this.#end();
      signal?.throwIfAborted();
      this.#port.post({ id, method, args }, transfer);
      const abort = () => this.#port.post({ abort: id });
      signal?.addEventListener("abort", abort);
      this.#calls.set(id, {
        resolve: (result) => {
          signal?.removeEventListener("abort", abort);
          resolve(result);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", abort);
          reject(signal?.aborted ? signal.reason : error);
        },
        onProgress,
      });
      this.#port.hold(true);
    });
  }

  /** Ends the thread; calls in progress, and later ones, reject. */
  end(error: () => Error): void {
    this.#end ??= error;
    for (const { reject } of this.#calls.values()) reject(error());
    this.#calls.clear();
    this.#port.close();
  }

  #receive(message: Response): void {
    const call = this.#calls.get(message.id);
    if (!call) return;
    if ("progress" in message) {
      call.onProgress?.(message.progress as never);
      return;
    }
    this.#calls.delete(message.id);
    if (this.#calls.size === 0) this.#port.hold(false);
    if ("error" in message) call.reject(unpackError(message.error));
    else call.resolve(message.result as never);
  }
}

/**
 * Loads a model in a separate thread: a page, or a server's event loop, never waits for it. The result has the methods
 * of `Model`.
 *
 * @throws the errors of `load`
 * @throws EngineError if the thread cannot start
 */
export async function loadInWorker(source?: WeightSource, options: WorkerOptions = {}): Promise<WorkerModel> {
  const { worker, warn = console.warn, fetch: fetching, weights, ...rest } = options;
  const { signal, onProgress, ...limits } = fetching ?? {};
  const caller = new Caller(started(worker));
  const sent = { ...rest, weights: addressOf(weights), fetch: limits };
  try {
    const call = { signal, onProgress: onProgress as Call["onProgress"] };
    const facts = await caller.call<ModelFacts>("load", [addressOf(source), sent], call);
    for (const note of facts.notes) warn(note);
    return new WorkerModel(facts, caller);
  } catch (error) {
    caller.end(() => ended("the model"));
    throw error;
  }
}

/** @throws EngineError if the host refuses at once, e.g. a script of another site */
function started(worker: WorkerLike | undefined): Port {
  try {
    return startThread(worker);
  } catch (cause) {
    const found = `a thread that cannot be started: ${(cause as Error).message}`;
    throw new EngineError({ where: "worker", found, hint: HINT }, { cause });
  }
}

/** Relative addresses are the page's, not the worker script's. */
function addressOf(source: WeightSource | undefined): WeightSource | undefined {
  if (source instanceof URL) return source.href;
  if (typeof source !== "string") return source;
  const isName = isNetworkName(source) || maybePublished(source) || source === "imagenet" || source === "random";
  return isName ? source : absolute(source);
}

const ended = (name: string) =>
  new OptionError({ where: name, found: "a call after dispose()", hint: "load the model again" });

/** A model in a separate thread. Results are those of `Model`; calls are answered in order. */
export class WorkerModel {
  /** Name of the network, e.g. `mobilenet_v2`. */
  readonly name: string;
  /** Class names in output order; empty if none are known. */
  readonly labels: readonly string[];
  /** `[height, width, channels]` */
  readonly inputShape: Shape;
  readonly preprocessing: ModelFacts["preprocessing"];
  readonly network: ModelFacts["network"];
  readonly options: ModelFacts["options"];
  /** A sentence for each thing that the file leaves open and `load` assumed. */
  readonly notes: readonly string[];
  /** Name of the engine. */
  readonly engine: string;
  readonly #caller: Caller;

  /** @internal */
  constructor(facts: ModelFacts, caller: Caller) {
    this.name = facts.name;
    this.labels = facts.labels;
    this.inputShape = facts.inputShape;
    this.preprocessing = facts.preprocessing;
    this.network = facts.network;
    this.options = facts.options;
    this.notes = facts.notes;
    this.engine = facts.engine;
    this.#caller = caller;
  }

  /** The best classes of a picture, or of each picture of a batch. */
  classify(image: ImageSource, options?: ClassifyOptions & SendOptions): Promise<Prediction[]>;
  classify(images: readonly ImageSource[], options?: ClassifyOptions & SendOptions): Promise<Prediction[][]>;
  classify(images: ImageSource | readonly ImageSource[], options: ClassifyOptions & SendOptions = {}) {
    return this.#send<Prediction[] & Prediction[][]>("classify", images, [], options);
  }

  /** Features: the globally pooled last map, one vector per picture. */
  embed(image: ImageSource, options?: RunOptions & SendOptions): Promise<Float32Array>;
  embed(images: readonly ImageSource[], options?: RunOptions & SendOptions): Promise<Float32Array[]>;
  embed(images: ImageSource | readonly ImageSource[], options: RunOptions & SendOptions = {}) {
    return this.#send<Float32Array & Float32Array[]>("embed", images, [], options);
  }

  /** Returns the results of inner layers, all from one run. */
  features<Name extends string>(
    images: ImageSource | readonly ImageSource[],
    layers: readonly Name[],
    options: RunOptions & SendOptions = {},
  ): Promise<Record<Name, Tensor>> {
    return this.#send("features", images, [layers], options);
  }

  /** Runs the network on normalised numbers. */
  predict(input: Tensor, { signal, transfer, ...rest }: RunOptions & SendOptions = {}): Promise<Tensor> {
    const transferred = transfer ? [input.data.buffer] : [];
    return this.#caller.call("predict", [input, rest], { signal, transfer: transferred });
  }

  /**
   * Runs on a camera or a video until its frames end, or the caller leaves the loop. It takes the latest frame; frames that
   * arrive while the network is busy are skipped and counted.
   *
   *     for await (const { result: [best], dropped } of model.watch(track)) show(best.label);
   *
   * @throws OptionError for a source without frames
   */
  watch<Result = Prediction[]>(
    source: FrameSource,
    options: WatchOptions<Result> = {},
  ): AsyncGenerator<Watched<Result>> {
    const { run, ...classifying } = options;
    const look =
      run ?? ((frame) => this.classify(frame, { ...classifying, transfer: isFrame(frame) }) as Promise<Result>);
    return watched(latestFrames(source, options.signal), look);
  }

  /** A class's name, or `class <index>` if the model has no labels. */
  labelOf(index: number): string {
    return this.labels[index] ?? `class ${index}`;
  }

  /** Ends the thread. Calls in progress, and later ones, reject. */
  dispose(): void {
    this.#caller.end(() => ended(this.name));
  }

  async #send<Result>(
    method: string,
    images: ImageSource | readonly ImageSource[],
    between: readonly unknown[],
    options: RunOptions & SendOptions,
  ): Promise<Result> {
    const { signal, transfer = false, ...rest } = options;
    const list: readonly ImageSource[] = Array.isArray(images) ? images : [images];
    const sent = await Promise.all(list.map((image) => sendable(image, transfer)));
    const pictures = sent.map(({ picture }) => picture);
    const args = [Array.isArray(images) ? pictures : pictures[0], ...between, rest];
    // A bitmap or buffer may occur twice.
    const transferred = [...new Set(sent.flatMap((one) => one.transfer))];
    return this.#caller.call(method, args, { signal, transfer: transferred });
  }
}

/** Frames and bitmaps are used once; a caller may refill and reuse pixels. */
const isFrame = (frame: ImageSource) => typeof frame === "object" && frame !== null && "close" in frame;

async function* watched<Result>(
  frames: ReturnType<typeof latestFrames>,
  look: (frame: ImageSource) => Promise<Result>,
): AsyncGenerator<Watched<Result>> {
  for await (const { frame, dropped } of frames) {
    const result = await look(frame);
    yield { result, dropped };
  }
}
