import { type Picture, toPicture } from "mobilenets";

/**
 * The pixels of a webcam's frame, which is closed. The browser's own conversion writes them where they are read, without a
 * canvas between.
 * @throws ImageError if they cannot be had
 */
export async function pixelsOf(frame: VideoFrame): Promise<Picture> {
  try {
    return (isPlain(frame) && (await copied(frame))) || (await toPicture(frame));
  } finally {
    frame.close();
  }
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
  const data = new Uint8Array(4 * width * height);
  try {
    await frame.copyTo(data, { format: "RGBX", colorSpace: "srgb" });
  } catch {
    return undefined;
  }
  return { data, width, height, channels: 4 };
}
