/** A frame to hand over. Whoever takes it makes pixels of it. */
export type Frame = VideoFrame | ImageBitmap;

/**
 * The frame that a video shows. A `VideoFrame`, where the browser has it, only refers to what the camera gave: nothing is
 * converted or copied on the page's thread.
 */
export async function frameOf(video: HTMLVideoElement): Promise<Frame> {
  return typeof VideoFrame === "undefined" ? createImageBitmap(video) : new VideoFrame(video);
}

/**
 * Asks about the frames of a webcam, each at most once. While one is looked at the next is under way, so that whoever
 * answers never waits for the page.
 * @param ask takes the frame over
 * @param show given the answers in the order of the frames; `false` ends it
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

/** @returns waits for a frame that came after the last call; at once if there is one, or the browser does not tell */
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
