import { makePool, type Pool } from "./pool.ts";
import { isFailure, type ModelFacts } from "./worker/api.ts";
import { type Client, startClient } from "./worker/client.ts";

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
   * @throws Error in the library's words
   */
  open(file: File): Promise<ModelFacts>;
  /** The network that the page comes with. */
  readonly own: string;
  /** Tells all views that the worker holds another model now. */
  replaced(facts: ModelFacts): void;
  /** Called after each change of the model. */
  onModel(listener: () => void): void;
}

export function startSession(): Session {
  const client = startClient();
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
    async open(file) {
      const facts = await load(client, file);
      replaced(facts);
      return facts;
    },
    replaced,
    onModel: (listener) => listeners.push(listener),
  };
}

async function load(client: Client, source: string | File): Promise<ModelFacts> {
  const result = await client.load(source);
  if (isFailure(result)) throw new Error(result.error);
  return result;
}
