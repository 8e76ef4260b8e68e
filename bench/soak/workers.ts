import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Worker } from "node:worker_threads";

const alive = new Set<Worker>();

/** Watches every worker thread created from now on, because the library does not expose them. */
export function watchWorkers(): void {
  const module = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };
  module.Worker = class extends module.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      alive.add(this);
      this.on("exit", () => alive.delete(this));
    }
  };
  syncBuiltinESMExports();
}

export const workersAlive = (): readonly Worker[] => [...alive];
