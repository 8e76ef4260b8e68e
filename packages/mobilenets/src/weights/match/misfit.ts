import type { Graph } from "../../graph/graph.ts";
import { type Shape, sameShape } from "../../tensor.ts";

/** A parameter whose tensor in the file has another shape. */
export interface Misfit {
  readonly name: string;
  readonly found: Shape;
  readonly expected: Shape;
}

/** The width multipliers of published weights (keras.applications). */
const PUBLISHED_ALPHAS = [0.25, 0.35, 0.5, 0.75, 1, 1.3, 1.4];

/**
 * The likely cause of shapes that do not fit, as a question for an error's hint: classes, input channels, depth
 * multiplier, alpha or network differ.
 *
 * @param withAlpha builds the same network with another width multiplier
 */
export function misfitHint(graph: Graph, misfits: readonly Misfit[], withAlpha?: (alpha: number) => Graph): string {
  if (!misfits.every(sameButChannels)) return "is this a file of another network or flavor?";

  const names = Object.keys(graph.params);
  const layerOf = (name: string) => name.slice(0, name.lastIndexOf("/") + 1);
  const last = layerOf(names[names.length - 1]);
  const body = misfits.filter(({ name }) => !name.startsWith(last));
  if (body.length === 0 && `${last}kernel` in graph.params && misfits.every(onlyLastDiffers)) {
    return `was this file saved with classes ${misfits[0].found.at(-1)}?`;
  }

  const stem = misfits.length === 1 && misfits[0].name === names[0] ? misfits[0] : undefined;
  if (stem && stem.found.at(-1) === stem.expected.at(-1)) {
    return `was this file saved with inputShape [h,w,${stem.found.at(-2)}]?`;
  }

  const depthwise = misfits.find(({ name }) => name.endsWith("/depthwise_kernel"));
  if (depthwise && depthwise.found.at(-1) !== depthwise.expected.at(-1)) {
    return `was this file saved with depthMultiplier ${depthwise.found.at(-1)}?`;
  }

  return alphaHint(body.length > 0 ? body : misfits, withAlpha);
}

function alphaHint(misfits: readonly Misfit[], withAlpha?: (alpha: number) => Graph): string {
  const alpha = PUBLISHED_ALPHAS.find((candidate) => {
    const params = withAlpha?.(candidate).params;
    return params && misfits.every(({ name, found }) => name in params && sameShape(found, params[name].shape));
  });
  if (alpha !== undefined) return `was this file saved with alpha ${alpha === 1 ? "1.0" : alpha}?`;
  return `its layers are about ${widthRatio(misfits).toFixed(2)} times as wide: was this file saved with another alpha?`;
}

/** The sum of all differing channel counts, divided by the expected sum. */
function widthRatio(misfits: readonly Misfit[]): number {
  let found = 0;
  let expected = 0;
  for (const misfit of misfits) {
    misfit.expected.forEach((n, i) => {
      if (n === misfit.found[i]) return;
      expected += n;
      found += misfit.found[i];
    });
  }
  return found / expected;
}

/** Whether only channel counts (the last two sizes) differ: rank and a kernel's window are the same. */
function sameButChannels({ found, expected }: Misfit): boolean {
  return found.length === expected.length && expected.slice(0, -2).every((n, i) => n === found[i]);
}

function onlyLastDiffers({ found, expected }: Misfit): boolean {
  return expected.slice(0, -1).every((n, i) => n === found[i]);
}
