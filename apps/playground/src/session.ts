import { makePool, type Pool } from "./pool.ts";
import { notify } from "./shell/notices.ts";
import { isFailure, type ModelFacts } from "./worker/api.ts";
import { type Client, startClient, telling } from "./worker/client.ts";

/** Weights served beside the page; see build/weights.ts. */
const WEIGHTS = new URL("weights/efficientnet_lite0.safetensors", document.baseURI).href;

/** The model that all views share. */
export interface Session {
  readonly client: Client;
  readonly pool: Pool;
  /** The loaded model. Rejects with the library's message if the weights cannot be loaded. */
  model(): Promise<ModelFacts>;
  /**
   * Loads a weight file; if that fails, the old model stays.
   * @param files the weight file and its companions
   * @throws Error with the library's message
   */
  open(files: readonly File[]): Promise<ModelFacts>;
  /** Name of the page's own network. */
  readonly own: string;
  /** Notifies all views that the worker has another model. */
  replaced(facts: ModelFacts): void;
  /** Registers a listener for changes of the model. */
  onModel(listener: () => void): void;
}

export function startSession(): Session {
  const client = startClient((error) => notify("noWorker", { error }));
  client.onShort(telling(() => notify("memoryShort")));
  const listeners: (() => void)[] = [];
  let model = load(client, WEIGHTS);
  // Callers of model() get the error.
  model.catch(() => {});
  function replaced(facts: ModelFacts): void {
    model = Promise.resolve(facts);
    for (const listener of listeners) listener();
  }
  return {
    client,
    pool: makePool(),
    own: WEIGHTS,
    model: () => model,
    async open(files) {
      const main = mainOf(files);
      const beside = files.filter((file) => file !== main);
      const facts = await load(client, main, beside);
      replaced(facts);
      return facts;
    },
    replaced,
    onModel: (listener) => listeners.push(listener),
  };
}

/** The file that names the others: a TensorFlow.js model's `model.json`, or an ONNX file with external data. */
function mainOf(files: readonly File[]): File {
  const rank = ({ name }: File) =>
    [/(^|[^a-z])model\.json$/, /\.onnx$/, /\.json$/].findIndex((pattern) => pattern.test(name));
  const named = files.filter((file) => rank(file) >= 0).toSorted((a, b) => rank(a) - rank(b));
  return named[0] ?? files[0];
}

async function load(client: Client, source: string | File, beside: readonly File[] = []): Promise<ModelFacts> {
  const result = await client.load(source, beside);
  if (isFailure(result)) throw new Error(result.error);
  return result;
}
