import { closeCamera, openCamera } from "../classify/camera.ts";
import { type Frame, frameOf } from "../classify/frames.ts";

/** Milliseconds between frames: closer frames add no information. */
const EVERY = 250;

export interface Recording {
  readonly video: HTMLVideoElement;
  stop(): void;
}

/**
 * Records the webcam frame by frame, one at a time.
 * @param take takes ownership of each frame; awaited
 * @param onEnd called when the camera itself ends
 * @throws CameraError with what the person can do
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
