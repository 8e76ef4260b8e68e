import { resolve } from "node:path";
import { ImageError } from "mobilenets";
import { checkLayer } from "../extract/features.ts";
import { loadModel } from "../load-model.ts";
import { limitsOf } from "../pictures/limits.ts";
import { findPart, type Work } from "../store/bring-part.ts";
import { Forgotten } from "../store/forgotten.ts";
import { checkPrunable, gather } from "../store/inputs/gather.ts";
import { PartsFolder } from "../store/parts-folder.ts";
import { planWork, removeObsolete } from "../store/plan-work.ts";
import { beginRun, hashOf, type PartsFlags, sayForgotten, withLock } from "../store/to-parts.ts";
import type { ChunkJob } from "./job.ts";
import { jobFlags } from "./part-maker.ts";

/** The missing jobs of a folder, and their plan. */
export interface PlannedJobs {
  readonly jobs: readonly ChunkJob[];
  /** Number of parts of the whole plan. */
  readonly parts: number;
  /** Number of pictures in these parts, without those in archives that are not yet fetched. */
  readonly pictures: number;
  /** Number of pictures in the existing parts. */
  readonly there: number;
  /** Identifies the plan. */
  readonly key: string;
  readonly out: string;
  readonly kept: number;
  readonly pruned: number;
}

/** Plans the same parts as `extract`, and leaves out existing ones. */
export async function planJobs(inputs: readonly string[], flags: PartsFlags): Promise<PlannedJobs> {
  const gathered = await gather(inputs, limitsOf(flags));
  const { entries, archives } = gathered;
  if (entries.length + archives.length === 0) throw new ImageError({ where: inputs.join(" "), found: "no pictures" });
  if (flags.prune) checkPrunable(gathered);
  const model = await loadModel(flags);
  const out = resolve(flags.out);
  try {
    if (flags.layer !== undefined) checkLayer(model, flags.layer);
    const record = await beginRun(model, flags);
    const forgotten = await Forgotten.open(out);
    sayForgotten(gathered, forgotten);
    const folder = new PartsFolder(out);
    const modelHash = hashOf(record);
    const { chunkSize } = record.parts!;
    const prune = flags.prune === true;
    const options = { inputs: entries, archives, chunkSize, dim: record.dim, modelHash, prune, forgotten };
    return await withLock(out, async () => {
      const plan = await planWork(folder, options);
      const common = { out, base: process.cwd(), flags: jobFlags(flags), model: modelHash, older: plan.obsolete };
      const jobs: ChunkJob[] = [];
      let [pictures, there] = [0, 0];
      for (const work of plan.work) {
        const found = await findPart(folder, work, flags.retryFailed === true);
        const count = "entries" in work ? work.entries.length : (found?.pictures ?? 0);
        pictures += count;
        if (found) there += count;
        else jobs.push(jobOf(work, common));
      }
      await removeObsolete(folder, plan);
      return {
        jobs,
        parts: plan.work.length,
        pictures,
        there,
        key: plan.key,
        out,
        kept: plan.kept,
        pruned: plan.pruned,
      };
    });
  } finally {
    model.dispose();
  }
}

function jobOf(work: Work, common: Omit<ChunkJob, "name" | "entries" | "archive">): ChunkJob {
  if ("archive" in work) return { name: work.name, ...common, archive: work.archive };
  return { name: work.name, ...common, entries: work.entries };
}
