import { kindOf } from "../check-options.ts";
import { OptionError } from "../errors.ts";
import type { ImageSource } from "../image/source.ts";
import { isA } from "./sendable.ts";

/** The type of a global class, `never` if it is not declared: Node programs compile without the DOM library. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : never;

/** A source of frames: a camera's track or stream, a video, or a sequence of pictures. */
export type FrameSource =
  | Global<"MediaStreamTrack">
  | Global<"MediaStream">
  | Global<"HTMLVideoElement">
  | AsyncIterable<ImageSource>;

/** A frame, and the number of frames skipped before it. */
export interface LatestFrame {
  readonly frame: ImageSource;
  readonly dropped: number;
}

/**
 * Yields the latest frame at each request. A new frame replaces the waiting one.
 */
export async function* latestFrames(source: FrameSource, signal?: AbortSignal): AsyncGenerator<LatestFrame, void> {
  const frames = framesOf(source)[Symbol.asyncIterator]();
  let waiting: ImageSource | undefined;
  let dropped = 0;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  const stop = () => {
    ended = true;
    wake();
  };
  signal?.addEventListener("abort", stop);

  async function pump(): Promise<void> {
    try {
      while (!ended) {
        const { done, value } = await frames.next();
        if (done || ended) {
          if (!done) close(value);
          break;
        }
        if (waiting !== undefined) {
          close(waiting);
          dropped++;
        }
        waiting = value;
        wake();
      }
    } catch (error) {
      failure = { error };
    }
    stop();
  }

  const pumping = pump();
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (waiting !== undefined) {
        const latest = { frame: waiting, dropped };
        waiting = undefined;
        dropped = 0;
        yield latest;
        continue;
      }
      if (failure) throw failure.error;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    ended = true;
    signal?.removeEventListener("abort", stop);
    if (waiting !== undefined) close(waiting);
    // Not awaited: a source may never give another frame.
    Promise.resolve(frames.return?.()).catch(() => {});
    pumping.catch(() => {});
  }
}

/** Frees a frame; elements and pixels have nothing to free. */
function close(frame: ImageSource): void {
  if (typeof frame === "object" && frame !== null && "close" in frame) (frame as { close(): void }).close();
}

function framesOf(source: FrameSource): AsyncIterable<ImageSource> {
  const given: unknown = source;
  if (isA(given, "MediaStreamTrack") || isA(given, "CanvasCaptureMediaStreamTrack")) {
    return framesOfTrack(given as MediaStreamTrack);
  }
  if (isA(given, "MediaStream")) {
    const [track] = (given as MediaStream).getVideoTracks();
    if (track) return framesOfTrack(track);
    throw new OptionError({ where: "watch", found: "a stream without a picture", expected: "a video track" });
  }
  if (isA(given, "HTMLVideoElement")) return framesOfVideo(given as HTMLVideoElement);
  if (isA(given, "ReadableStream")) return framesOfStream(given as ReadableStream<ImageSource>);
  if (typeof given === "object" && given !== null && Symbol.asyncIterator in given) return source as never;
  const expected = "a MediaStreamTrack, a MediaStream, a video element, or pictures to iterate over";
  throw new OptionError({ where: "watch", found: kindOf(given), expected });
}

interface TrackProcessor {
  readonly readable: ReadableStream<ImageSource>;
}

/** Frames of a track: Chromium gives them directly; elsewhere a video element plays them. */
function framesOfTrack(track: MediaStreamTrack): AsyncIterable<ImageSource> {
  const { MediaStreamTrackProcessor: Processor } = globalThis as {
    MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack; maxBufferSize: number }) => TrackProcessor;
  };
  if (Processor) return framesOfStream(new Processor({ track, maxBufferSize: 1 }).readable);
  return framesThroughVideo(track);
}

async function* framesThroughVideo(track: MediaStreamTrack): AsyncGenerator<ImageSource, void> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    await video.play();
    yield* framesOfVideo(video, () => track.readyState === "ended");
  } finally {
    video.srcObject = null;
  }
}

/** Not a generator, because a read that waits for a frame must end when the caller leaves the loop. */
function framesOfStream(stream: ReadableStream<ImageSource>): AsyncIterable<ImageSource> {
  const reader = stream.getReader();
  const iterator: AsyncIterator<ImageSource, undefined> = {
    next: () => reader.read() as Promise<IteratorResult<ImageSource, undefined>>,
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Yields the element once for each frame that it shows. */
async function* framesOfVideo(video: HTMLVideoElement, isOver = () => false): AsyncGenerator<ImageSource, void> {
  while (!video.ended && !isOver()) {
    await nextFrame(video);
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) yield video as ImageSource;
  }
}

/** Resolves at the next frame, or at the video's end. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener("ended", () => resolve(), { once: true });
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(() => resolve());
    else requestAnimationFrame(() => resolve());
  });
}
