import type { Verdict } from "mobilenets/train";
import sharp from "sharp";
import type { Mistake } from "./report.ts";

const MOST = 24;
const PIXELS = 160;

/** The wrong answers given with most confidence, with small copies of their pictures. */
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
      thumbnail: await thumbnail(paths[index]),
      label: classes[label],
      predicted: classes[predicted],
      confidence: ofPredicted,
    })),
  );
}

/** @returns undefined for a picture that cannot be read any more */
async function thumbnail(path: string): Promise<string | undefined> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  const small = sharp(path).rotate().resize(PIXELS, PIXELS, options).webp({ quality: 75 });
  const bytes = await small.toBuffer().catch(() => undefined);
  return bytes && `data:image/webp;base64,${bytes.toString("base64")}`;
}
