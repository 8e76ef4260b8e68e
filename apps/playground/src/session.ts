import { makePool, type Pool } from "./pool.ts";
import { notify } from "./shell/notices.ts";
import { isFailure, type ModelFacts } from "./worker/api.ts";
import { type Client, startClient, telling } from "./worker/client.ts";

/** Served beside the page; see build/weights.ts. */
const WEIGHTS = new URL("weights/efficientnet_lite0.safetensors", document.baseURI).href;

/** The model that all views share. */
export interface Session {
  readonly client: Client;
  readonly pool: Pool;
  /** What is loaded. Rejects, with the library's words, if the weights could not be. */
  model(): Promise<ModelFacts>;
  /**
   * Loads a weight file; if that fails, the model from before stays.
   * @param files the weight file, and those that belong to it
   * @throws Error in the library's words
   */
  open(files: readonly File[]): Promise<ModelFacts>;
  /** The network that the page comes with. */
  readonly own: string;
  /** Tells all views that the worker holds another model now. */
  replaced(facts: ModelFacts): void;
  /** Called after each change of the model. */
  onModel(listener: () => void): void;
}

export function startSession(): Session {
  const client = startClient((error) => notify("noWorker", { error }));
  client.onShort(telling(() => notify("memoryShort")));
  const listeners: (() => void)[] = [];
  let model = load(client, WEIGHTS);
  // Whoever asks for it is told.
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

/** Of several files the one that names the others: a TensorFlow.js model's `model.json`, or an ONNX file with its data. */
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
