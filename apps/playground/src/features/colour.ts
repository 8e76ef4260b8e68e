type Colour = readonly [red: number, green: number, blue: number];

const ZERO: Colour = [18, 20, 26];
const ABOVE: readonly Colour[] = [ZERO, [196, 82, 20], [255, 170, 70], [255, 244, 214]];
const BELOW: readonly Colour[] = [ZERO, [32, 92, 190], [120, 180, 255], [220, 236, 255]];

/** Draws a channel of a map into a canvas of its size: black is 0, orange above, blue below. @param most the brightest value */
export function drawMap(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  width: number,
  height: number,
  most: number,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < values.length; i++) {
    const share = most > 0 ? Math.min(1, Math.abs(values[i]) / most) : 0;
    image.data.set(blend(values[i] < 0 ? BELOW : ABOVE, share), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function blend(stops: readonly Colour[], share: number): number[] {
  const at = share * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  return stops[low].map((value, i) => Math.round(value + (at - low) * (stops[low + 1][i] - value)));
}
