import { loadRuntime } from "#onnxruntime";
import { EngineError } from "../errors.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { shapesOf } from "../graph/shapes.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../tensor.ts";
import { checkInput } from "./check-input.ts";
import type { Executable, RunOptions } from "./engine.ts";
import type { OnnxRuntimeOptions } from "./onnxruntime.ts";
import { shareLoop } from "./share-loop.ts";

/** The part of ONNX Runtime that this engine uses; its packages for Node and browsers share it. */
export interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  /** Settings of the WebAssembly build; the first model fixes them. */
  readonly env: { readonly wasm: { numThreads?: number } };
}

interface Session {
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: unknown }>>>;
  release(): Promise<void>;
}

/** @throws EngineError if no package is installed; it names the package */
export type LoadRuntime = (providers: readonly string[]) => Promise<Runtime>;

/** The model's name for an output: several outputs may be the same value, with one name in the graph. */
const outputName = (i: number) => `output_${i}`;

/**
 * Providers that run on the CPU. There a batch is no faster than single pictures, which can be aborted in between; on
 * other devices batches keep the device busy.
 */
const PROCESSOR: readonly string[] = ["cpu", "wasm", "xnnpack"];

/** Errors only: the warnings are about models that the optimiser can improve. */
const LOG_SEVERITY = 3;

/** @throws EngineError with the package to install, or with the runtime's message */
export async function compileForRuntime(
  program: Program,
  { threads = "auto", providers = [], load = loadRuntime }: OnnxRuntimeOptions,
): Promise<Executable> {
  const runtime = await load(providers);
  const { onnxForEngine } = await import("../weights/onnx/write.ts");
  const model = await onnxForEngine(
    program,
    program.graph.outputs.map((_, i) => outputName(i)),
  );
  if (threads !== "auto") runtime.env.wasm.numThreads = threads;
  const session = await inTurn(() =>
    runtime.InferenceSession.create(model, {
      logSeverityLevel: LOG_SEVERITY,
      ...(providers.length > 0 && { executionProviders: providers }),
      ...(threads !== "auto" && { intraOpNumThreads: threads }),
    }),
  ).catch((cause) => {
    throw failure(program.graph.name, "cannot prepare the model", cause, providers);
  });
  const batches = providers.some((provider) => !PROCESSOR.includes(provider));
  return new OnnxRuntimeExecutable(program.graph, runtime, session, batches);
}

/** The web package fails if a second model arrives while it starts. */
let starting: Promise<unknown> = Promise.resolve();
function inTurn(create: () => Promise<Session>): Promise<Session> {
  const session = starting.then(create);
  starting = session.catch(() => {});
  return session;
}

class OnnxRuntimeExecutable implements Executable {
  readonly #graph: Graph;
  readonly #shapes: readonly Shape[];
  readonly #runtime: Runtime;
  readonly #session: Session;
  /** Whether pictures run as one batch. */
  readonly #batches: boolean;
  /** The previous call; a session runs one at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(graph: Graph, runtime: Runtime, session: Session, batches: boolean) {
    this.#graph = graph;
    const shapes = shapesOf(graph);
    this.#shapes = graph.outputs.map((name) => shapes.get(name) as Shape);
    this.#runtime = runtime;
    this.#session = session;
    this.#batches = batches;
  }

  async run(input: Tensor, { signal }: RunOptions = {}): Promise<Tensor[]> {
    checkInput(this.#graph, input);
    const [batch, ...item] = input.shape;
    const size = sizeOf(item);
    const step = this.#batches ? batch : 1;
    const results = this.#shapes.map(([, ...shape]) => tensor([batch, ...shape]));
    for (let n = 0; n < batch; n += step) {
      signal?.throwIfAborted();
      const pictures = input.data.subarray(n * size, (n + step) * size);
      const outputs = await this.#queue(pictures, [step, ...item]);
      outputs.forEach((data, i) => {
        results[i].data.set(data, (n * results[i].data.length) / batch);
      });
      await shareLoop();
    }
    return results;
  }

  #queue(pictures: Float32Array, shape: Shape): Promise<Float32Array[]> {
    const call = this.#last.then(() => this.#call(pictures, shape));
    this.#last = call.catch(() => {});
    return call;
  }

  async #call(pictures: Float32Array, shape: Shape): Promise<Float32Array[]> {
    if (this.#disposed) throw new EngineError({ where: this.#graph.name, found: "a call after dispose()" });
    try {
      const feeds = { [this.#graph.input.name]: new this.#runtime.Tensor("float32", pictures, shape) };
      const outputs = await this.#session.run(feeds);
      return this.#shapes.map((_, i) => outputs[outputName(i)].data as Float32Array);
    } catch (cause) {
      throw failure(this.#graph.name, "cannot run the model", cause);
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // No caller is left to receive a failure.
    this.#last.then(() => this.#session.release()).catch(() => {});
  }
}

function failure(where: string, what: string, cause: unknown, providers: readonly string[] = []): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const found = `ONNX Runtime ${what} (${reason.split("\n")[0]})`;
  const hint = providers.length > 0 ? `does this build of it have ${providers.join(", ")}?` : undefined;
  return new EngineError({ where, found, hint }, { cause });
}
