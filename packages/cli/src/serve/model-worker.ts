import { parentPort, workerData } from "node:worker_threads";
import type { Picture } from "mobilenets";
import { featuriser } from "../extract/features.ts";
import { loadModel } from "../load-model.ts";
import { loadRecorded } from "../similar/recorded-model.ts";
import { type Job, MOST_CLASSES, type ModelReply, type ModelRequest, type ModelThreadData } from "./model-messages.ts";

/** The model's thread, so the server can answer while the model computes. */
const port = parentPort!;
const send = (reply: ModelReply) => port.postMessage(reply);
const { flags, store } = workerData as ModelThreadData;

const words = (error: unknown) => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message };
};

try {
  const { model, layer } = store === undefined ? { model: await loadModel(flags) } : await loadRecorded(store, flags);
  const classes = model.labels.length;
  const runs: Record<Job, (pictures: readonly Picture[]) => Promise<readonly (Float32Array | object)[]>> = {
    classify: (pictures) => model.classify(pictures, { topK: Math.min(MOST_CLASSES, classes) }),
    embed: (pictures) => model.embed(pictures),
    search: featuriser(model, layer),
  };
  // The first run compiles kernels and allocates memory, before any caller waits for it.
  await model.embed([{ data: new Uint8Array(3 * 32 * 32), width: 32, height: 32, channels: 3 }]);
  port.on("message", async ({ id, job, pictures }: ModelRequest) => {
    try {
      send({ id, values: (await runs[job](pictures)) as never });
    } catch (error) {
      send({ id, error: words(error) });
    }
  });
  send({ ready: { name: model.name, classes } });
} catch (error) {
  send({ failed: words(error) });
}
