// mobilenets/worker: runs a model in a separate thread.
export type { WorkerLike } from "./platform/thread.ts";
export type { FrameSource } from "./worker/frames.ts";
export {
  loadInWorker,
  type SendOptions,
  type Watched,
  type WatchOptions,
  WorkerModel,
  type WorkerOptions,
} from "./worker/worker-model.ts";
