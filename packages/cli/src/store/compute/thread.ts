// The worker of `thread-seat.ts`. It decodes and computes batches.
import { parentPort, workerData } from "node:worker_threads";
import { loadModel } from "../../load-model.ts";
import { MachineError } from "../../pictures/machine-error.ts";
import { Computer } from "./computer.ts";
import type { ThreadData, ThreadReply, ThreadRequest } from "./thread-seat.ts";

const port = parentPort!;
const { flags, settings } = workerData as ThreadData;
// The main thread has already reported the weights.
const computer = loadModel({ ...flags, threads: 1 }, () => {}).then((model) => new Computer(model, settings, true));
// The first batch awaits it, and reports a failure.
computer.catch(() => {});

port.on("message", async ({ id, jobs }: ThreadRequest) => {
  let reply: ThreadReply;
  try {
    reply = { id, answers: await (await computer).compute(jobs) };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    if (error instanceof MachineError) {
      const { where, found, expected, hint } = error;
      reply = { id, failed, machine: { where, found, expected, hint } };
    } else reply = { id, failed };
  }
  port.postMessage(reply);
});
