import { element } from "../dom.ts";
import type { Key } from "../strings.ts";

/** The reason for a missing webcam picture, as a text of the page. */
export class CameraError extends Error {
  readonly key: Key;

  constructor(key: Key, cause?: unknown) {
    super(key, { cause });
    this.key = key;
  }
}

/**
 * @param onEnd called when the camera itself ends, e.g. when it is unplugged
 * @throws CameraError with what the person can do
 */
export async function openCamera(onEnd: () => void): Promise<HTMLVideoElement> {
  if (!navigator.mediaDevices) throw new CameraError("cameraInsecure");
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "environment" },
    });
  } catch (cause) {
    throw new CameraError(keyFor(cause), cause);
  }
  const video = element("video", { muted: true, playsinline: true });
  video.muted = true;
  video.srcObject = stream;
  for (const track of stream.getTracks()) track.addEventListener("ended", onEnd);
  try {
    await video.play();
  } catch (cause) {
    closeCamera(video);
    throw new CameraError("cameraBusy", cause);
  }
  return video;
}

function keyFor(cause: unknown): Key {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "cameraRefused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "cameraMissing" : "cameraBusy";
}

export function closeCamera(video: HTMLVideoElement): void {
  for (const track of (video.srcObject as MediaStream).getTracks()) track.stop();
  video.srcObject = null;
}
