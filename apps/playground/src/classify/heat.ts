import type { Evidence } from "../worker/api.ts";

/** The colour of evidence, red, green, blue: seen on dark and on bright pictures. */
const COLOR = [255, 96, 32] as const;
const STRONGEST = 0.72;

/** Draws a class-activation map over a picture: a pixel for each place, which the browser smooths. */
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
    // What speaks against the class is left out, and so is the half that says little.
    const share = most > 0 ? Math.max(0, data[i] / most) : 0;
    image.data.set([...COLOR, Math.round(255 * STRONGEST * share * share)], 4 * i);
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
