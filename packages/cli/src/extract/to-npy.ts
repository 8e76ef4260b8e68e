import type { Model } from "mobilenets";
import { diagnostic } from "../output.ts";
import { type Inferred, infer } from "../pictures/infer.ts";
import { limitsOf } from "../pictures/limits.ts";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { type Input, pathOf } from "../pictures/walk.ts";
import type { RunFlags } from "../run-options.ts";
import { grouped } from "../table.ts";
import { featuriser, measureDim } from "./features.ts";
import { interruptible } from "./interrupt.ts";
import { ProgressDisplay } from "./progress.ts";
import { openRun } from "./run.ts";
import { describeRun } from "./run-record.ts";
import type { FeatureStore } from "./store.ts";

export interface NpyFlags extends RunFlags {
  readonly out: string;
  readonly layer?: string;
  readonly batchSize: number;
  readonly overwrite?: true;
  readonly quiet?: true;
}

/**
 * Continues the run in the folder to its end, or until the user stops it. Writes `features.npy` and `items.jsonl`.
 * @returns the store, closed
 */
export async function extractToNpy(model: Model, paths: readonly Input[], flags: NpyFlags): Promise<FeatureStore> {
  const featurise = featuriser(model, flags.layer);
  const run = describeRun(model, flags, flags.layer);
  const store = await openRun(flags.out, paths.map(pathOf), run, () => measureDim(featurise), flags.overwrite);
  try {
    if (store.count === paths.length) {
      diagnostic("already finished: nothing to do");
      return store;
    }
    if (store.count > 0) diagnostic(`going on after ${grouped(store.count)} of ${grouped(paths.length)} pictures`);
    await interruptible(async (signal) => {
      const progress = flags.quiet ? undefined : new ProgressDisplay(process.stderr, paths.length, store.count);
      // Unreadable pictures in a row are held back. If the machine has failed, they are not written, and the next run
      // tries them again.
      let keptBack: (Inferred<Float32Array> | BadPicture)[] = [];
      for await (const batch of infer(paths.slice(store.count), featurise, flags.batchSize, limitsOf(flags))) {
        const all = [...keptBack, ...batch];
        const end = all.findLastIndex((item) => !isBad(item) || !item.unreadable) + 1;
        keptBack = all.slice(end);
        if (end > 0) await store.append(all.slice(0, end));
        progress?.update(store.count, store.failed);
        if (signal.aborted) break;
      }
      if (!signal.aborted && keptBack.length > 0) await store.append(keptBack);
      progress?.update(store.count, store.failed);
      progress?.end();
    });
    return store;
  } finally {
    await store.close();
  }
}
