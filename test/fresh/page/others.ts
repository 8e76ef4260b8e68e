import weights from "@mobilenets/weights-imagenet";
import type { Prediction } from "mobilenets";
import * as mobilenet from "mobilenets/compat/tfjs-models";
import { loadInWorker } from "mobilenets/worker";

/** What other doors say of the picture. */
export interface Others {
  readonly worker: Pick<Prediction, "label" | "probability">;
  readonly compat: Pick<Prediction, "label" | "probability">;
}

export async function others(): Promise<Others> {
  const model = await mobilenet.load({ modelUrl: weights });
  const [{ className, probability }] = await model.classify("/coffee.png");
  return { worker: await inWorker(), compat: { label: className, probability } };
}

async function inWorker() {
  const model = await loadInWorker(weights);
  const [{ label, probability }] = await model.classify("/coffee.png");
  model.dispose();
  return { label, probability };
}
