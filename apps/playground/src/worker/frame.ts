import { type Picture, toPicture } from "mobilenets";

/** Memory of released pictures, for the next frames. */
const spare: Uint8Array[] = [];
/** Frames in progress at a time. */
const MOST_SPARE = 2;

/**
 * Reads the pixels of a webcam's frame, and closes it. The browser's own conversion writes them to their final memory
 * without a canvas; the numbers are those of a canvas.
 * @throws ImageError if the pixels cannot be read
 */
export async function pixelsOf(frame: VideoFrame): Promise<Picture> {
  try {
    return (isPlain(frame) && (await copied(frame))) || (await toPicture(frame));
  } finally {
    frame.close();
  }
}

/** Releases a picture's memory for a later frame: allocating a megabyte costs four times as much as writing it. */
export function giveBack({ data }: Picture): void {
  if (data instanceof Uint8Array && spare.length < MOST_SPARE) spare.push(data);
}

/** Whether a frame's pixels need no rotation, as on phones, and no stretching. */
function isPlain(frame: VideoFrame): boolean {
  // If the browser does not report the rotation, a canvas applies it.
  const { rotation, flip } = frame as VideoFrame & { rotation?: number; flip?: boolean };
  const { visibleRect, displayWidth, displayHeight } = frame;
  return rotation === 0 && !flip && visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
}

/** Copies the frame's pixels; undefined if the browser does not convert them. */
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
