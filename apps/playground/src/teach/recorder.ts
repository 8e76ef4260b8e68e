import { closeCamera, openCamera } from "../classify/camera.ts";
import { type Frame, frameOf } from "../classify/frames.ts";

/** Milliseconds between frames: near ones say nothing new. */
const EVERY = 250;

export interface Recording {
  readonly video: HTMLVideoElement;
  stop(): void;
}

/**
 * Records the webcam frame by frame, one under way at a time.
 * @param take given each frame, which it takes over; awaited
 * @param onEnd called when the camera itself ends
 * @throws CameraError saying what the person can do
 */
export async function record(take: (frame: Frame) => Promise<void>, onEnd: () => void): Promise<Recording> {
  const video = await openCamera(onEnd);
  let running = true;
  (async () => {
    while (running) {
      const start = performance.now();
      await take(await frameOf(video));
      await new Promise((done) => setTimeout(done, Math.max(0, EVERY - (performance.now() - start))));
    }
  })();
  return {
    video,
    stop() {
      if (!running) return;
      running = false;
      closeCamera(video);
    },
  };
}
