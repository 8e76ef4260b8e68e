import type { MapData } from "./data.ts";

/** Draws small pictures from their atlases. */
export interface SmallPictures {
  /**
   * Draws all of picture `i` into a square around a point. Draws its mean colour until its atlas is loaded.
   * @returns the rectangle of the picture
   */
  draw(context: CanvasRenderingContext2D, i: number, x: number, y: number, side: number): Rectangle;
  /** Calls back once the atlas of a picture is loaded. */
  whenThere(i: number, then: () => void): void;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Loads atlases on demand, and keeps the last used ones. A decoded atlas takes 4 MB.
 * @param onLoad called when an atlas is loaded, so the map should be drawn again
 */
export function makeSmallPictures(data: MapData, onLoad: () => void): SmallPictures {
  const MOST = 64;
  const { cell, perSide, sizes, colours, atlases } = data;
  const perAtlas = perSide * perSide;
  /** Atlases in the order of their last use. */
  const kept = new Map<number, { image: HTMLImageElement; isThere: boolean; waiting: (() => void)[] }>();

  function atlasOf(i: number) {
    const index = Math.floor(i / perAtlas);
    const known = kept.get(index);
    kept.delete(index);
    const atlas = known ?? { image: new Image(), isThere: false, waiting: [] };
    kept.set(index, atlas);
    if (known) return atlas;
    const { image } = atlas;
    image.onload = () => {
      atlas.isThere = true;
      onLoad();
      for (const then of atlas.waiting.splice(0)) then();
    };
    image.src = atlases[index];
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    return atlas;
  }

  function draw(context: CanvasRenderingContext2D, i: number, x: number, y: number, side: number): Rectangle {
    const [w, h] = [sizes[2 * i] || cell, sizes[2 * i + 1] || cell];
    const scale = side / Math.max(w, h);
    const [width, height] = [w * scale, h * scale];
    const [left, top] = [x - width / 2, y - height / 2];
    const atlas = sizes[2 * i] > 0 ? atlasOf(i) : undefined;
    if (atlas?.isThere) {
      const place = i % perAtlas;
      const [column, row] = [place % perSide, Math.floor(place / perSide)];
      context.drawImage(atlas.image, column * cell, row * cell, w, h, left, top, width, height);
    } else {
      context.fillStyle = `rgb(${colours[3 * i]} ${colours[3 * i + 1]} ${colours[3 * i + 2]})`;
      context.fillRect(left, top, width, height);
    }
    return { left, top, width, height };
  }

  function whenThere(i: number, then: () => void): void {
    if (sizes[2 * i] === 0) return;
    const atlas = atlasOf(i);
    if (atlas.isThere) then();
    else atlas.waiting.push(then);
  }

  return { draw, whenThere };
}
