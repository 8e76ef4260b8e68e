import weights from "@mobilenets/weights-imagenet";
import type { Prediction } from "mobilenets";
import * as mobilenet from "mobilenets/compat/tfjs-models";
import { loadInWorker } from "mobilenets/worker";

export interface Others {
  readonly worker: Pick<Prediction, "label" | "probability">;
  readonly compat: Pick<Prediction, "label" | "probability">;
}

/** The library's own files, as they are: Parcel 2.16 loses a module of the worker that it makes of them. */
const script = "mobilenets/model-thread.js";

export async function others(): Promise<Others> {
  const dropIn = await mobilenet.load({ modelUrl: weights });
  const [{ className, probability }] = await dropIn.classify("/coffee.png");
  const model = await loadInWorker(weights, { worker: new Worker(script, { type: "module" }) });
  const [worker] = await model.classify("/coffee.png");
  model.dispose();
  return { worker, compat: { label: className, probability } };
}
