/** What image.test.ts calls in the page. */
import { fittingOf } from "../../packages/mobilenets/src/image/fitting.ts";
import { preprocess } from "../../packages/mobilenets/src/image/preprocess.ts";
import type { Preprocessing } from "../../packages/mobilenets/src/image/preprocessing.ts";
import { type ImageSource, toPicture } from "../../packages/mobilenets/src/image/source.ts";

async function input(source: ImageSource, preprocessing: Preprocessing): Promise<Float32Array> {
  const out = new Float32Array(preprocessing.height * preprocessing.width * preprocessing.channels);
  preprocess(await toPicture(source), preprocessing, out, 0, await fittingOf(preprocessing));
  return out;
}

/** The network's input from a picture at `url`, taken every way a page can hold it. */
export async function inputs(url: string, preprocessing: Preprocessing): Promise<Record<string, Float32Array>> {
  const blob = await (await fetch(url)).blob();
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const image = new Image();
  image.src = url;
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement("canvas");
  const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d");
  const sources: Record<string, ImageSource> = {
    url,
    blob,
    bytes,
    buffer: bytes.buffer,
    image,
    bitmap,
    canvas,
    offscreen,
  };
  context!.drawImage(bitmap, 0, 0);
  offscreen.getContext("2d")!.drawImage(bitmap, 0, 0);
  sources.imageData = context!.getImageData(0, 0, bitmap.width, bitmap.height);
  const results: Record<string, Float32Array> = {};
  for (const [name, source] of Object.entries(sources)) results[name] = await input(source, preprocessing);
  return results;
}

/** The decoded samples, RGBA, and the size. */
export async function decoded(url: string, limitPixels?: number) {
  const { data, width, height, channels } = await toPicture(url, limitPixels === undefined ? {} : { limitPixels });
  return { data: Uint8Array.from(data), width, height, channels };
}

/** The size of a frame of a video that plays a canvas of the given size, and its middle pixel. */
export async function videoFrame(width: number, height: number) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const video = document.createElement("video");
  video.muted = true;
  const early = await failure(toPicture(video));
  video.srcObject = canvas.captureStream();
  context.fillStyle = "rgb(200 100 50)";
  context.fillRect(0, 0, width, height);
  const loaded = new Promise((resolve) => video.addEventListener("loadeddata", resolve));
  await video.play();
  await loaded;
  const picture = await toPicture(video);
  const middle = ((height >> 1) * width + (width >> 1)) * 4;
  return { early, size: [picture.width, picture.height], middle: [...picture.data.subarray(middle, middle + 4)] };
}

/** The errors of sources that give no picture. */
export async function failures(textUrl: string, truncatedUrl: string) {
  const broken = new Image();
  broken.src = textUrl;
  return {
    text: await failure(toPicture(textUrl)),
    truncated: await failure(toPicture(truncatedUrl)),
    missing: await failure(toPicture("/missing.png")),
    image: await failure(toPicture(broken)),
    canvas: await failure(toPicture(document.createElement("canvas")).then(() => toPicture(new OffscreenCanvas(0, 1)))),
  };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => `${error.name} ${error.message}`,
  );
}

export function isolated(): boolean {
  return crossOriginIsolated;
}
