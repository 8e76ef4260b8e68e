import { pipelines } from "./pipelines.ts";
import type { Preprocessing } from "./preprocessing.ts";

/**
 * Describes preprocessing in one line: `keras: the whole picture to 224 x 224, nearest as Pillow, samples -1 to 1`. The
 * name is there for preprocessing of `pipelines`.
 */
export function describePreprocessing(preprocessing: Preprocessing): string {
  const { crop, cropFraction, resize = "mobilenets" } = preprocessing;
  const name = Object.entries(pipelines).find(
    ([, fit]) => fit.crop === crop && fit.resize === resize && (crop !== "center" || fit.cropFraction === cropFraction),
  )?.[0];
  const parts = [fitted(preprocessing), filtered(resize), samples(preprocessing)];
  return `${name === undefined ? "" : `${name}: `}${parts.join(", ")}`;
}

function fitted({ crop, cropFraction, resize = "mobilenets", width, height }: Preprocessing): string {
  const size = `${width} x ${height}`;
  if (crop === "squash") return `the whole picture to ${size}`;
  if (crop === "pad") return `the whole picture in its proportions into ${size}`;
  if (crop === "aspect") return `the largest middle of the input's proportions to ${size}`;
  if (/^(pillow|torch)/.test(resize)) {
    return `the shorter side to ${Math.floor(Math.min(width, height) / cropFraction)}, its middle ${size}`;
  }
  return `the middle ${Number((100 * cropFraction).toFixed(1))} % to ${size}`;
}

function filtered(resize: NonNullable<Preprocessing["resize"]>): string {
  if (resize === "mobilenets") return "bilinear with antialias";
  const [library, filter, antialias] = resize.split("-");
  const whose = { pillow: "as Pillow", torch: "as torchvision's tensors", tensorflow: "as tf.image" }[library];
  return `${filter}${antialias ? " with antialias" : ""} ${whose}`;
}

function samples({ mean, std }: Preprocessing): string {
  const shown = (x: number) => Number(x.toFixed(2));
  const same = [mean, std].every((values) => values.every((x) => x === values[0]));
  if (same) return `samples ${shown((0 - mean[0]) / std[0])} to ${shown((255 - mean[0]) / std[0])}`;
  return `samples less ${mean.map(shown).join(":")}, over ${std.map(shown).join(":")}`;
}
