import { type Model, toPicture } from "mobilenets";
import type { Rectangle } from "../../image-part.ts";
import { keepsakeOf } from "../keepsake.ts";
import type { Exciting, LayerMaps, MapLayer, SeenPicture } from "./api.ts";
import { mapLayers } from "./layers.ts";

/** Pictures shown for a channel. */
const MOST = 8;

/** Computes maps of layers, and the pictures that excite a channel most. */
export class Looker {
  readonly #pictures: Blob[] = [];
  /** Strengths of all channels by picture, only for the last layer: 2,000 pictures have many. */
  #asked: { readonly model: Model; readonly value: string; readonly strengths: Float32Array[] } | undefined;
  #work = new AbortController();

  layers(model: Model): readonly MapLayer[] {
    return mapLayers(model.program.graph);
  }

  async add(file: Blob): Promise<SeenPicture> {
    const picture = await keepsakeOf(file);
    this.#pictures.push(picture);
    return { number: this.#pictures.length - 1, picture };
  }

  async maps(model: Model, picture: number, value: string): Promise<LayerMaps> {
    const { data, shape } = await this.#run(model, picture, value);
    const [, height, width, channels] = shape;
    const strengths = strengthsOf(data, channels);
    const order = [...strengths.keys()].sort((a, b) => strengths[b] - strengths[a]);
    return { height, width, order, strengths, data };
  }

  /** @param tell gets the share of processed pictures; awaited */
  async excite(
    model: Model,
    value: string,
    channel: number,
    tell: (done: number) => Promise<void>,
  ): Promise<readonly Exciting[]> {
    this.#work.abort();
    this.#work = new AbortController();
    const { signal } = this.#work;
    if (this.#asked?.model !== model || this.#asked.value !== value) this.#asked = { model, value, strengths: [] };
    const { strengths } = this.#asked;
    while (strengths.length < this.#pictures.length && !signal.aborted) {
      const { data, shape } = await this.#run(model, strengths.length, value);
      strengths.push(strengthsOf(data, shape[3]));
      await tell(strengths.length / this.#pictures.length);
      // Lets a stop message through.
      await new Promise((done) => setTimeout(done));
    }
    const best = [...strengths.keys()].sort((a, b) => strengths[b][channel] - strengths[a][channel]).slice(0, MOST);
    const found: Exciting[] = [];
    for (const picture of best) {
      const { data, shape } = await this.#run(model, picture, value);
      const [, height, width, channels] = shape;
      const own = Float32Array.from({ length: height * width }, (_, i) => data[i * channels + channel]);
      const region = await this.#seenPart(model, picture);
      found.push({ picture, strength: strengths[picture][channel], map: { data: own, height, width, region } });
    }
    return found;
  }

  stop(): void {
    this.#work.abort();
  }

  async #run(model: Model, picture: number, value: string) {
    const { [value]: map } = await model.features(this.#pictures[picture], [value]);
    return map;
  }

  /** The part of a picture in the network's input, as shares of its sides; with `pad` it extends beyond the picture. */
  async #seenPart({ preprocessing }: Model, picture: number): Promise<Rectangle> {
    const { crop, cropFraction } = preprocessing;
    if (crop === "squash") return { x: 0, y: 0, width: 1, height: 1 };
    const { width, height } = await toPicture(this.#pictures[picture]);
    const ratio = preprocessing.width / preprocessing.height;
    const across = crop === "pad" ? Math.max(width, height * ratio) : cropFraction * Math.min(width, height * ratio);
    const down = across / ratio;
    return {
      x: (width - across) / 2 / width,
      y: (height - down) / 2 / height,
      width: across / width,
      height: down / height,
    };
  }
}

/** The largest value of each channel. @param data `[pixels, channels]` */
function strengthsOf(data: Float32Array, channels: number): Float32Array {
  const most = new Float32Array(channels).fill(-Infinity);
  for (let i = 0; i < data.length; i++) {
    const c = i % channels;
    if (data[i] > most[c]) most[c] = data[i];
  }
  return most;
}
