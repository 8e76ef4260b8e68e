import type { MapData } from "./data.ts";
import type { Rectangle, SmallPictures } from "./small-pictures.ts";

/** Position of the map on the canvas, in CSS pixels: its upper left corner and its side. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

export interface Painter {
  /** @returns the number of pictures drawn, without dots */
  paint(frame: Frame, chosen: number | undefined, isAimed: boolean): number;
  /** The picture at a point. With `nearest`, else the closest drawn picture. */
  at(x: number, y: number, nearest?: boolean): number | undefined;
}

/** Draws the map: as many pictures as there is room for, and the others as dots in their mean colours. */
export function makePainter(
  data: MapData,
  small: SmallPictures,
  dots: HTMLCanvasElement,
  front: HTMLCanvasElement,
): Painter {
  /** Least side of a cell that shows a picture, and largest side of a picture, in CSS pixels. */
  const [LEAST_CELL, MOST_SIDE, DOT] = [22, 128, 2];
  const { count, places, colours, grid, ends } = data;
  let drawn: { readonly i: number; readonly box: Rectangle }[] = [];

  function levelFor(side: number): number {
    let level = 0;
    while (level < ends.length - 1 && side / grid / 2 ** (level + 1) >= LEAST_CELL) level++;
    return level;
  }

  function paintDots(frame: Frame, from: number, ratio: number): void {
    const context = dots.getContext("2d")!;
    const { width, height } = dots;
    context.clearRect(0, 0, width, height);
    if (from >= count) return;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const size = Math.max(1, Math.round(DOT * ratio));
    for (let i = from; i < count; i++) {
      const x = Math.round((frame.left + (places[2 * i] / 65_535) * frame.side) * ratio);
      const y = Math.round((frame.top + (places[2 * i + 1] / 65_535) * frame.side) * ratio);
      if (x < 0 || y < 0 || x + size > width || y + size > height) continue;
      const colour = 0xff000000 | (colours[3 * i + 2] << 16) | (colours[3 * i + 1] << 8) | colours[3 * i];
      for (let dy = 0; dy < size; dy++) pixels.fill(colour, (y + dy) * width + x, (y + dy) * width + x + size);
    }
    context.putImageData(image, 0, 0);
  }

  function paint(frame: Frame, chosen: number | undefined, isAimed: boolean): number {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [front.clientWidth, front.clientHeight];
    for (const canvas of [dots, front]) {
      if (canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio)) continue;
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    }
    const level = levelFor(frame.side);
    const cell = frame.side / grid / 2 ** level;
    const isAll = level === ends.length - 1;
    const side = isAll ? Math.min(MOST_SIDE, Math.max(cell, (0.5 * frame.side) / Math.sqrt(count), LEAST_CELL)) : cell;
    paintDots(frame, ends[level], ratio);
    const context = front.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    drawn = [];
    const xOf = (i: number) => frame.left + (places[2 * i] / 65_535) * frame.side;
    const yOf = (i: number) => frame.top + (places[2 * i + 1] / 65_535) * frame.side;
    const show = (i: number, size: number) => {
      const box = small.draw(context, i, xOf(i), yOf(i), size);
      drawn.push({ i, box });
      return box;
    };
    for (let i = 0; i < ends[level]; i++) {
      const [x, y] = [xOf(i), yOf(i)];
      if (x > -side && y > -side && x < width + side && y < height + side) show(i, 0.94 * side);
    }
    if (chosen !== undefined) paintChosen(context, chosen, Math.max(44, side), { xOf, yOf, show });
    if (isAimed) paintAim(context, width / 2, height / 2);
    // The chosen picture and its neighbours may be drawn twice.
    return new Set(drawn.map(({ i }) => i)).size;
  }

  function paintChosen(
    context: CanvasRenderingContext2D,
    chosen: number,
    size: number,
    on: { xOf(i: number): number; yOf(i: number): number; show(i: number, size: number): Rectangle },
  ): void {
    const accent = getComputedStyle(front).getPropertyValue("--accent");
    const near = [...data.neighbours.subarray(chosen * data.each, (chosen + 1) * data.each)];
    context.strokeStyle = accent;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const other of near) {
      context.moveTo(on.xOf(chosen), on.yOf(chosen));
      context.lineTo(on.xOf(other), on.yOf(other));
    }
    context.stroke();
    for (const i of [...near.reverse(), chosen]) {
      const { left, top, width, height } = on.show(i, i === chosen ? 1.3 * size : size);
      context.lineWidth = i === chosen ? 4 : 2;
      context.strokeRect(left, top, width, height);
    }
  }

  /** Draws a ring around the picture that Enter chooses. */
  function paintAim(context: CanvasRenderingContext2D, x: number, y: number): void {
    for (const [width, colour] of [
      [5, "#000a"],
      [2, "#fff"],
    ] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(x, y, 14, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  function at(x: number, y: number, nearest = false): number | undefined {
    const hit = drawn.findLast(
      ({ box: { left, top, width, height } }) => x >= left && y >= top && x <= left + width && y <= top + height,
    );
    if (hit || !nearest) return hit?.i;
    let [best, least] = [undefined as number | undefined, Infinity];
    for (const { i, box } of drawn) {
      const distance = Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y);
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  return { paint, at };
}
