import { kindOf } from "../check-options.ts";
import { ImageError } from "../errors.ts";
import { asPicture, hasPixels, type Picture } from "../image/picture.ts";
import { type ImageSource, toPicture } from "../image/source.ts";
import { formatShape, type Shape, type Tensor, type TensorData } from "../tensor.ts";

/** A tensor of TensorFlow.js, or a similar object: `[height, width, 3]` or `[n, height, width, 3]`, 0 to 255. */
export interface TensorLike {
  readonly shape: readonly number[];
  dataSync?(): ArrayLike<number>;
  data(): Promise<ArrayLike<number>>;
}

/** A picture for the drop-ins: any source of their originals or of this library. */
export type CompatSource = ImageSource | TensorLike | Tensor<Exclude<TensorData, BigInt64Array>>;

/** Pictures of one size: NHWC, red, green and blue from 0 to 255. */
export interface Pixels {
  readonly data: ArrayLike<number>;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** @throws ImageError for a value that is no picture, or cannot be read */
export async function pixelsOf(source: CompatSource): Promise<Pixels> {
  await elementReady(source);
  const now = pixelsNow(source);
  if (now) return now;
  if (isTensor(source)) return ofTensor(await (source as TensorLike).data(), source.shape);
  return ofPicture(await toPicture(source as ImageSource));
}

/**
 * The same as `pixelsOf`, but synchronous.
 * @returns undefined for an asynchronous source: a file, an address, a tensor without `dataSync`
 */
export function pixelsNow(source: CompatSource): Pixels | undefined {
  if (isTensor(source)) {
    if (typeof source.data !== "function") return ofTensor(source.data, source.shape);
    return "dataSync" in source && source.dataSync ? ofTensor(source.dataSync(), source.shape) : undefined;
  }
  if (hasPixels(source)) return ofPicture(asPicture(source));
  return isDrawable(source) ? ofPicture(drawn(source)) : undefined;
}

/** Number of pictures in a source, known before it is read. */
export const countOf = (source: CompatSource): number =>
  isTensor(source) && source.shape.length === 4 ? source.shape[0] : 1;

/** Tests the shape: several copies of TensorFlow.js have no class in common. */
export function isTensor(source: unknown): source is TensorLike | Tensor {
  return typeof source === "object" && source !== null && "shape" in source && Array.isArray(source.shape);
}

function ofTensor(data: ArrayLike<number>, shape: Shape): Pixels {
  const [count, height, width, channels] = shape.length === 3 ? [1, ...shape] : shape;
  if ((shape.length !== 3 && shape.length !== 4) || channels !== 3 || !(count > 0 && height > 0 && width > 0)) {
    throw new ImageError({
      where: "tensor",
      found: `shape ${formatShape(shape)}`,
      expected: "[height,width,3] or [n,height,width,3]",
      hint: channels === 4 ? "tf.browser.fromPixels(image, 3) leaves alpha out" : undefined,
    });
  }
  return { data, count, height, width };
}

/** Drops alpha, as TensorFlow.js does; grey becomes three equal channels. */
function ofPicture({ data, width, height, channels }: Picture): Pixels {
  if (channels === 3) return { data, count: 1, height, width };
  const rgb = new Uint8Array(width * height * 3);
  const step = channels === 1 ? 0 : 1;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[channels * i + c * step];
  }
  return { data: rgb, count: 1, height, width };
}

/** A source that browsers draw: an element, a canvas, a bitmap, a video frame. */
interface Drawn {
  readonly width?: number;
  readonly height?: number;
  readonly videoWidth?: number;
  readonly videoHeight?: number;
  readonly displayWidth?: number;
  readonly displayHeight?: number;
  readonly readyState?: number;
  readonly complete?: boolean;
}

/** Files, addresses and bytes have none of these. */
function isDrawable(source: unknown): source is Drawn {
  return typeof source === "object" && source !== null && ("width" in source || "displayWidth" in source);
}

/** Draws at the element's size in the page, as `tf.browser.fromPixels` does; videos and frames at their own size. */
function drawn(source: Drawn): Picture {
  const width = source.videoWidth ?? source.displayWidth ?? source.width ?? 0;
  const height = source.videoHeight ?? source.displayHeight ?? source.height ?? 0;
  if (typeof OffscreenCanvas === "undefined") {
    const hint = "pass pixels instead: { data, width, height, channels }, or a tensor";
    throw new ImageError({ where: "picture", found: `${kindOf(source)}, and no canvas to draw it on`, hint });
  }
  if (source.complete === false || source.readyState === 0 || !(width > 0 && height > 0)) {
    const hint = "await its `load` or `loadeddata` event";
    throw new ImageError({ where: "picture", found: `${kindOf(source)} of ${width}x${height} pixels`, hint });
  }
  const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (canvas === null) throw new ImageError({ where: "picture", found: `no canvas of ${width}x${height} pixels` });
  canvas.drawImage(source as CanvasImageSource, 0, 0, width, height);
  try {
    return { data: canvas.getImageData(0, 0, width, height).data, width, height, channels: 4 };
  } catch (cause) {
    const hint = 'pictures of another origin need its permission (CORS) and crossorigin="anonymous"';
    throw new ImageError({ where: "picture", found: "pixels that may not be read", hint }, { cause });
  }
}

/** Waits for an image element or a video that is still loading. */
async function elementReady(source: unknown): Promise<void> {
  if (!isDrawable(source) || !("addEventListener" in source)) return;
  const { complete, readyState } = source;
  const event = complete === false ? "load" : readyState === 0 || readyState === 1 ? "loadeddata" : undefined;
  if (event === undefined) return;
  await new Promise<void>((resolve, reject) => {
    const element = source as unknown as EventTarget;
    const failed = () => {
      reject(new ImageError({ where: "picture", found: `${kindOf(source)} that cannot be loaded` }));
    };
    element.addEventListener(event, () => resolve(), { once: true });
    element.addEventListener("error", failed, { once: true });
  });
}
