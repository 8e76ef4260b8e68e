import type { Verdict } from "mobilenets/train";
import { thumbnail } from "../../html/thumbnail.ts";
import type { Mistake } from "./report.ts";

const MOST = 24;
const PIXELS = 160;

/** Finds the most confident wrong predictions, with thumbnails. */
export function mistakesOf(
  verdicts: readonly Verdict[],
  paths: readonly string[],
  classes: readonly string[],
): Promise<Mistake[]> {
  const wrong = verdicts
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.ofPredicted - b.ofLabel - (a.ofPredicted - a.ofLabel) || a.index - b.index);
  return Promise.all(
    wrong.slice(0, MOST).map(async ({ index, label, predicted, ofPredicted }) => ({
      path: paths[index],
      thumbnail: await thumbnail(paths[index], PIXELS),
      label: classes[label],
      predicted: classes[predicted],
      confidence: ofPredicted,
    })),
  );
}
