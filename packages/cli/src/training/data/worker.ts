// The worker of `worker-filler.ts`. It opens, prepares and augments its share of a dataset's pictures.
import { parentPort, workerData } from "node:worker_threads";
import { PictureFiller } from "mobilenets/train";
import { fileOpener } from "../../pictures/decode-file.ts";
import { MachineError } from "../../pictures/machine-error.ts";
import type { Answer, Job, WorkerFiles } from "./worker-filler.ts";

const { ids, paths, cacheBytes } = workerData as WorkerFiles;
const examples = ids.map((id) => ({ id, labels: [] }));
const filler = new PictureFiller({ examples, picture: fileOpener(paths) }, cacheBytes);
const port = parentPort!;

port.on("message", async ({ number, rows, recipe, images }: Job) => {
  let answer: Answer;
  try {
    answer = { number, unreadable: await filler.fill(rows, recipe, images) };
  } catch (error) {
    if (error instanceof MachineError) {
      const { where, found, expected, hint } = error;
      answer = { number, machine: { where, found, expected, hint } };
    } else answer = { number, error: String(error) };
  }
  port.postMessage(answer);
});
