import type { Evidence } from "../worker/api.ts";

/**
 * The colours of evidence from weak to strong, as red, green, blue. There are dark and bright ones, because a single
 * colour is invisible on a picture of that colour.
 */
const COLORS = [
  [72, 20, 170],
  [214, 40, 140],
  [255, 128, 40],
  [255, 236, 90],
] as const;
const STRONGEST = 0.7;

/** @param share share of the strongest evidence, 0 to 1 */
function colorOf(share: number): readonly number[] {
  const at = share * (COLORS.length - 1);
  const low = Math.min(COLORS.length - 2, Math.floor(at));
  return COLORS[low].map((value, c) => value + (at - low) * (COLORS[low + 1][c] - value));
}

/** Draws a class-activation map over a picture: one pixel per place, which the browser smooths. */
export function drawHeat(canvas: HTMLCanvasElement, evidence: Evidence | null): void {
  canvas.hidden = evidence === null;
  if (!evidence) return;
  const { data, width, height, region } = evidence;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  const most = Math.max(...data);
  for (let i = 0; i < data.length; i++) {
    // Evidence against the class is left out, and weak evidence is nearly transparent.
    const share = most > 0 ? Math.max(0, data[i] / most) : 0;
    const opacity = STRONGEST * Math.min(1, 1.8 * share * share);
    image.data.set([...colorOf(share), Math.round(255 * opacity)], 4 * i);
  }
  context.putImageData(image, 0, 0);
  const percent = (share: number) => `${(100 * share).toFixed(3)}%`;
  Object.assign(canvas.style, {
    left: percent(region.x),
    top: percent(region.y),
    width: percent(region.width),
    height: percent(region.height),
  });
}
