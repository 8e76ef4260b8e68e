/** A frame to transfer. Its receiver makes the pixels. */
export type Frame = VideoFrame | ImageBitmap;

/**
 * The current frame of a video. A `VideoFrame`, if the browser has it, only refers to the camera's data: nothing is
 * converted or copied on the page's thread.
 */
export async function frameOf(video: HTMLVideoElement): Promise<Frame> {
  return typeof VideoFrame === "undefined" ? createImageBitmap(video) : new VideoFrame(video);
}

/**
 * Asks about the frames of a webcam, each at most once. The next frame is sent while one is processed, so that the worker
 * never waits for the page.
 * @param ask takes ownership of the frame
 * @param show receives the answers in the order of the frames; `false` ends the loop
 */
export async function follow<Answer>(
  video: HTMLVideoElement,
  ask: (frame: Frame) => Promise<Answer>,
  show: (answer: Answer) => boolean,
): Promise<void> {
  const fresh = freshFrames(video);
  let under = ask(await frameOf(video));
  for (;;) {
    await fresh();
    const next = ask(await frameOf(video));
    if (!show(await under)) return;
    under = next;
  }
}

/** @returns a function that waits for a new frame since the last call, or not at all if the browser does not report frames */
function freshFrames(video: HTMLVideoElement): () => Promise<void> {
  if (!("requestVideoFrameCallback" in video)) return async () => {};
  let came = false;
  let tell = () => {};
  const watch = () => {
    video.requestVideoFrameCallback(() => {
      came = true;
      tell();
      if (video.srcObject) watch();
    });
  };
  watch();
  return async () => {
    if (!came) await new Promise<void>((done) => (tell = done));
    came = false;
  };
}
