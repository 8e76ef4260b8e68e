import { OptionError } from "../errors.ts";
import { type Fitting, ownFitting } from "./fitting.ts";
import { asPicture, type ImageDataLike, type Picture } from "./picture.ts";
import { checkPreprocessing, type Preprocessing } from "./preprocessing.ts";

/**
 * Crops, resizes and normalises a picture into `out`, from index `offset` on, as `[height, width, channels]` float32.
 * With `pad`, the area around the picture is 0, which is the mean.
 * @param fitting `fittingOf(preprocessing)`; optional for our own resizing
 * @throws ImageError if the picture's data do not fit its size.
 * @throws OptionError if `preprocessing` is not valid or `out` is too short.
 */
export function preprocess(
  picture: Picture | ImageDataLike,
  preprocessing: Preprocessing,
  out: Float32Array,
  offset = 0,
  fitting: Fitting = ownFitting,
): void {
  const checked = asPicture(picture);
  checkPreprocessing(preprocessing);
  const { height, width, channels, resize = ownFitting.name } = preprocessing;
  const size = height * width * channels;
  if (!Number.isInteger(offset) || offset < 0 || offset + size > out.length) {
    throw new OptionError({
      where: "preprocess",
      found: `${out.length} numbers of output and offset ${offset}`,
      expected: `room for ${size} numbers (${height}x${width}x${channels})`,
    });
  }
  if (fitting.name !== resize) {
    throw new OptionError({ where: "preprocess", found: `a fitting other than that of resize ${resize}` });
  }
  const extent = checked.extent ?? checked;
  const placement = fitting.place(extent.width, extent.height, preprocessing);
  const { destination } = placement;
  if (destination.width < width || destination.height < height) out.fill(0, offset, offset + size);
  const start = offset + (destination.y * width + destination.x) * channels;
  const rowStride = width * channels;
  const filled = { width: destination.width, height: destination.height };
  fitting.resize(checked, placement, { data: out, offset: start, rowStride, channels, ...filled }, preprocessing);
}
