import { checkOptions } from "../../check-options.ts";
import { allocate } from "../../engines/allocate.ts";
import { readMap, writeMap } from "../../engines/map-io.ts";
import { EngineError, ImageError, OptionError, WeightsError } from "../../errors.ts";
import type { Fitting } from "../../image/fitting.ts";
import { hasPixels } from "../../image/picture.ts";
import { preprocess } from "../../image/preprocess.ts";
import { type ImageSource, toPicture } from "../../image/source.ts";
import type { ClassifyOptions, Prediction } from "../../model.ts";
import { topK } from "../../top-k.ts";
import type { Description } from "../description.ts";
import { unpack } from "./unpack.ts";

/** Where kernels and weights come from. The first call that needs them asks once. */
export interface Parts {
  kernels(): WebAssembly.Module | Promise<WebAssembly.Module>;
  weights(): Uint8Array | Promise<Uint8Array>;
}

/** The network in its linear memory. */
interface Live {
  readonly memory: ArrayBuffer;
  run(steps: number, count: number): void;
}

type Images = ImageSource | readonly ImageSource[];

/** Milliseconds of work after which a batch lets the host handle events: one frame at 60 Hz. */
const PATIENCE = 16;

/** Makes the object whose members a built file exports. */
export function createModel(description: Description, parts: Parts, fitting: Fitting) {
  const { name, preprocessing, labels, input, classes, embedding, binary, steps } = description;
  let live: Promise<Live> | undefined;

  function load(): Promise<Live> {
    live ??= begin(description, parts).catch((error) => {
      // A failure, such as no network, may be temporary.
      live = undefined;
      throw error;
    });
    return live;
  }

  /** Runs each picture and returns an output's numbers. */
  async function each(images: Images, output: Description["embedding"], count: number): Promise<Float32Array[]> {
    const { memory, run } = await load();
    const values = new Float32Array(input.height * input.width * input.channels);
    const rows: Float32Array[] = [];
    let since = performance.now();
    for (const image of isBatch(images) ? images : [images]) {
      if (performance.now() - since > PATIENCE) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        since = performance.now();
      }
      preprocess(await pictureOf(image), preprocessing, values, 0, fitting);
      // No await from here on: overlapping calls share the memory.
      writeMap(input, values, memory, 0);
      run(description.stepsAt, count);
      const row = new Float32Array(output.images * output.height * output.width * output.channels);
      readMap(output, memory, row, 0);
      if (row.some(Number.isNaN)) throw new WeightsError({ where: name, found: "an answer that is NaN" });
      rows.push(row);
    }
    return rows;
  }

  function predictions(row: Float32Array, k: number): Prediction[] {
    const values = binary ? Float32Array.of(1 - row[0], row[0]) : row;
    return topK(values, k).map(({ index, value }) => ({
      index,
      label: labels[index] ?? `class ${index}`,
      probability: value,
    }));
  }

  async function classify(images: Images, options: Pick<ClassifyOptions, "topK"> = {}) {
    checkOptions("classify", options, ["topK"]);
    const k = options.topK ?? 5;
    if (!Number.isInteger(k) || k < 1) {
      throw new OptionError({ where: "topK", found: String(k), expected: "an integer >= 1" });
    }
    if (!classes) throw new OptionError({ where: name, found: "no classifier in this file", hint: "call embed()" });
    const rows = (await each(images, classes, steps.classes)).map((row) => predictions(row, k));
    return isBatch(images) ? rows : rows[0];
  }

  async function embed(images: Images) {
    const rows = await each(images, embedding, steps.embedding);
    return isBatch(images) ? rows : rows[0];
  }

  return { name, labels, preprocessing, classify, embed, load: () => load().then(() => {}) };
}

async function begin(description: Description, parts: Parts): Promise<Live> {
  const { name, memory: bytes, payload } = description;
  const [module, weights] = await Promise.all([parts.kernels(), parts.weights()]);
  if (weights.length !== payload) {
    const expected = `${payload}`;
    throw new WeightsError({ where: name, found: `${weights.length} bytes of weights`, expected });
  }
  const memory = allocate(name, bytes, false);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (typeof exports.run !== "function") throw new EngineError({ where: name, found: "kernels without run()" });
  unpack(description, weights, memory.buffer);
  return { memory: memory.buffer as ArrayBuffer, run: exports.run as Live["run"] };
}

/** @throws ImageError for an encoded picture in a host without a decoder */
function pictureOf(image: ImageSource) {
  if (!hasPixels(image) && typeof OffscreenCanvas === "undefined") {
    throw new ImageError({
      where: "picture",
      found: "a picture to decode, in a host that decodes none",
      expected: "pixels: { data, width, height, channels }, or an ImageData",
      hint: 'in Node: npm install sharp, and const { data, info } = await sharp("photo.jpg").rotate().flatten({ background: "white" }).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true }); classify({ data, ...info })',
    });
  }
  return toPicture(image);
}

function isBatch(images: Images): images is readonly ImageSource[] {
  return Array.isArray(images);
}
