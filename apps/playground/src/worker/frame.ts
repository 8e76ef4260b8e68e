import { type Picture, toPicture } from "mobilenets";

/** Of pictures that nobody needs any more, to write the next frames in. */
const spare: Uint8Array[] = [];
/** Frames under way at a time. */
const MOST_SPARE = 2;

/**
 * The pixels of a webcam's frame, which is closed. The browser's own conversion writes them where they are read, without a
 * canvas between; the numbers are those of a canvas.
 * @throws ImageError if they cannot be had
 */
export async function pixelsOf(frame: VideoFrame): Promise<Picture> {
  try {
    return (isPlain(frame) && (await copied(frame))) || (await toPicture(frame));
  } finally {
    frame.close();
  }
}

/** Lets a later frame have a picture's memory: to take a megabyte anew costs four times as much as to write it. */
export function giveBack({ data }: Picture): void {
  if (data instanceof Uint8Array && spare.length < MOST_SPARE) spare.push(data);
}

/** Whether its pixels lie as they are shown: neither turned, as phones do, nor stretched. */
function isPlain(frame: VideoFrame): boolean {
  // Where the browser does not tell how a frame is turned, a canvas knows.
  const { rotation, flip } = frame as VideoFrame & { rotation?: number; flip?: boolean };
  const { visibleRect, displayWidth, displayHeight } = frame;
  return rotation === 0 && !flip && visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
}

/** Nothing where the browser does not convert. */
async function copied(frame: VideoFrame): Promise<Picture | undefined> {
  const { displayWidth: width, displayHeight: height } = frame;
  const size = 4 * width * height;
  const kept = spare.pop();
  const data = kept?.length === size ? kept : new Uint8Array(size);
  try {
    await frame.copyTo(data, { format: "RGBX", colorSpace: "srgb" });
  } catch {
    return undefined;
  }
  return { data, width, height, channels: 4 };
}
