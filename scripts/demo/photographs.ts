import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type ActivationMap, activationMaps, type Model, type Prediction, toPicture } from "mobilenets";
import sharp from "sharp";
import { matrixOf, type Neighbour, neighbours } from "./neighbours.ts";

/** The network's results for a photograph. */
export interface Photograph {
  readonly name: string;
  /** The part that the network sees, `SIDE` x `SIDE` pixels. */
  readonly seen: Buffer;
  readonly thumbnail: Buffer;
  /** Classes, best first. */
  readonly predictions: readonly Prediction[];
  /** The evidence for the best class. */
  readonly map: ActivationMap;
  /** The other photographs, the most similar first. */
  readonly neighbours: readonly Neighbour[];
}

const SIDE = 480;
const THUMBNAIL = 120;
const CLASSES = 5;
const NEIGHBOURS = 3;

/** Runs the network on photographs. @throws ImageError for a file that is no picture */
export async function lookAt(model: Model, paths: readonly string[]): Promise<Photograph[]> {
  const looked: Omit<Photograph, "neighbours">[] = [];
  const vectors: Float32Array[] = [];
  for (const path of paths) {
    const bytes = await readFile(path);
    const picture = await toPicture(bytes);
    const [map] = await activationMaps(model, picture);
    const { x, y, width, height } = map.region;
    const part = { left: Math.round(x), top: Math.round(y), width: Math.round(width), height: Math.round(height) };
    const upright = sharp(await sharp(bytes).rotate().flatten({ background: "white" }).toBuffer()).extract(part);
    const scaled = (side: number) => upright.clone().resize(side, side).jpeg().toBuffer();
    looked.push({
      name: basename(path),
      seen: await scaled(SIDE),
      thumbnail: await scaled(THUMBNAIL),
      predictions: await model.classify(picture, { topK: CLASSES }),
      map,
    });
    vectors.push(await model.embed(picture));
  }
  const found = await neighbours(matrixOf(vectors), NEIGHBOURS);
  return looked.map((photograph, i) => ({ ...photograph, neighbours: found[i] }));
}
