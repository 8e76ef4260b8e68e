import { join } from "node:path";
import type { EpochRecord, Evaluation } from "mobilenets/train";
import { grouped } from "../../table.ts";
import { writeAtomic } from "../../write-atomic.ts";
import { type TrainingSets, unvalidatedOf } from "../open-data.ts";
import type { RunPlan } from "../plan-run.ts";
import { REPORT } from "../run-folder.ts";
import { mistakesOf } from "./mistakes.ts";
import { reportPage } from "./report.ts";

export interface Finished {
  readonly title: string;
  readonly plan: RunPlan;
  readonly sets: TrainingSets;
  readonly recipe: object;
  readonly history: readonly EpochRecord[];
  readonly evaluation?: Evaluation;
}

/** Writes the report of a finished run into its folder. */
export async function writeReport(dir: string, run: Finished): Promise<void> {
  const { title, plan, sets, recipe, history, evaluation } = run;
  const { classes } = sets.train;
  const page = reportPage({
    title,
    summary: `${plan.mode}, ${plan.epochs} epochs of ${grouped(sets.trainIndices.length)} pictures in batches of ${plan.batchSize}, seed ${plan.seed}`,
    classes,
    unvalidated: evaluation ? unvalidatedOf(sets) : [],
    history,
    evaluation,
    mistakes: await mistakesOf(evaluation?.verdicts ?? [], sets.validation.paths, classes),
    recipe,
  });
  await writeAtomic(join(dir, REPORT), page);
}
