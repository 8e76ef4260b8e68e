// The thread behind `worker-filler.ts`: opens, prepares and augments its share of a dataset's pictures.
import { parentPort, workerData } from "node:worker_threads";
import { PictureFiller } from "mobilenets/train";
import { decodeFile } from "../../pictures/decode-file.ts";
import type { Answer, Job, WorkerFiles } from "./worker-filler.ts";

const { ids, paths, cacheBytes } = workerData as WorkerFiles;
const examples = ids.map((id) => ({ id, labels: [] }));
const filler = new PictureFiller({ examples, picture: (index) => decodeFile(paths[index]!) }, cacheBytes);
const port = parentPort!;

port.on("message", async ({ number, rows, recipe, images }: Job) => {
  let answer: Answer;
  try {
    answer = { number, unreadable: await filler.fill(rows, recipe, images) };
  } catch (error) {
    answer = { number, error: String(error) };
  }
  port.postMessage(answer);
});
