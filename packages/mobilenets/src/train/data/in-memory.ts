import { OptionError } from "../../errors.ts";
import { asPicture, type Picture } from "../../image/picture.ts";
import { type ImageSource, toPicture } from "../../image/source.ts";
import type { Tensor } from "../../tensor.ts";
import type { Dataset, Example } from "./dataset.ts";

/** Pictures and labels in memory. */
export interface InMemoryOptions {
  readonly classes: readonly string[];
  /**
   * Pictures in any form that the library takes (pixels, files, blobs, URLs, elements), decoded when needed; or a tensor
   * `[n, height, width, channels]` of samples 0..255 with 1, 3 or 4 channels, which is shared, not copied.
   */
  readonly images: readonly ImageSource[] | Tensor<Uint8Array>;
  /** For each picture, its position in `classes`, or several for multi-label. */
  readonly labels: readonly (number | readonly number[])[];
  /** One for each picture; by default `0`, `1`, ... */
  readonly ids?: readonly string[];
}

/** @throws OptionError if the numbers of images, labels and ids differ, or a label is not a position in `classes` */
export function inMemory({ classes, images, labels, ids }: InMemoryOptions): Dataset {
  const where = "inMemory";
  const count = isTensor(images) ? (images.shape[0] ?? 0) : images.length;
  for (const [name, list] of Object.entries({ labels, ids })) {
    if (list === undefined || list.length === count) continue;
    throw new OptionError({ where, found: `${list.length} ${name}`, expected: `${count}, one for each image` });
  }
  const examples = labels.map((label, i): Example => {
    const own = typeof label === "number" ? [label] : label;
    const bad = own.find((c) => classes[c] === undefined);
    if (bad === undefined) return { id: ids?.[i] ?? String(i), labels: own };
    throw new OptionError({ where, found: `label ${bad} of image ${i}`, expected: `0 to ${classes.length - 1}` });
  });
  const picture = isTensor(images)
    ? async (index: number) => pictureOf(images, index)
    : (index: number) => toPicture(images[index]!);
  return { classes, examples, picture };
}

function isTensor(images: InMemoryOptions["images"]): images is Tensor<Uint8Array> {
  return "shape" in images;
}

function pictureOf({ data, shape }: Tensor<Uint8Array>, index: number): Picture {
  const [, height = 0, width = 0, channels = 0] = shape;
  const size = height * width * channels;
  const samples = data.subarray(index * size, (index + 1) * size);
  return asPicture({ data: samples, width, height, channels: channels as Picture["channels"] }, `image ${index}`);
}
