import { ImageError } from "../errors.ts";

/** The type of a global class, `never` where it is not declared: Node programs compile without the DOM library. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : never;

/** The constraints of Teachable Machine's camera. */
const CONSTRAINTS = { width: 640, facingMode: "user", frameRate: 24 };

/** The camera of `@teachablemachine/image`: its middle square on a canvas, mirrored if wanted. For pages. */
export class Webcam {
  readonly width: number;
  readonly height: number;
  readonly flip: boolean;
  /** The camera's video, after `setup()`. */
  webcam!: Global<"HTMLVideoElement">;
  /** The picture for `predict`, after `setup()`. */
  canvas!: Global<"HTMLCanvasElement">;

  /**
   * @param width of the canvas, in pixels
   * @param height of the canvas, in pixels
   */
  constructor(width = 400, height = 400, flip = false) {
    this.width = width;
    this.height = height;
    this.flip = flip;
    for (const name of ["setup", "play", "pause", "stop", "update"] as const) {
      // Methods are bound, for calls such as `requestAnimationFrame(webcam.update)`.
      Object.defineProperty(this, name, { value: this[name].bind(this) });
    }
  }

  /**
   * Asks for the camera.
   * @param options `MediaTrackConstraints`: another camera, another size
   * @throws ImageError if there is no camera, or the user does not allow it
   */
  async setup(options: object = {}): Promise<void> {
    if (this.webcam) return;
    const devices = globalThis.navigator?.mediaDevices;
    if (!devices?.getUserMedia) {
      const hint = "browsers give it to pages of https:// and of localhost";
      throw new ImageError({ where: "webcam", found: "no camera for this page", hint });
    }
    const video = document.createElement("video");
    video.playsInline = true;
    video.muted = true;
    try {
      video.srcObject = await devices.getUserMedia({ video: { ...CONSTRAINTS, ...options } });
    } catch (cause) {
      const hint = "is it allowed, and in use by no other program?";
      throw new ImageError({ where: "webcam", found: "a camera that cannot be opened", hint }, { cause });
    }
    video.addEventListener("loadedmetadata", () => {
      video.width = video.videoWidth;
      video.height = video.videoHeight;
    });
    const canvas = document.createElement("canvas");
    canvas.width = this.width;
    canvas.height = this.height;
    Object.assign(this, { webcam: video, canvas });
  }

  async play(): Promise<void> {
    await this.webcam.play();
  }

  pause(): void {
    this.webcam.pause();
  }

  /** Stops the camera. */
  stop(): void {
    for (const track of (this.webcam.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
    this.webcam.srcObject = null;
  }

  /** Draws the current frame onto the canvas. */
  update(): void {
    const { webcam: video, canvas, flip } = this;
    const { videoWidth, videoHeight } = video ?? {};
    const context = canvas?.getContext("2d");
    if (!context || !videoWidth || !videoHeight) return;
    const side = Math.min(videoWidth, videoHeight);
    context.setTransform(flip ? -1 : 1, 0, 0, 1, flip ? canvas.width : 0, 0);
    const from = [(videoWidth - side) / 2, (videoHeight - side) / 2, side, side] as const;
    context.drawImage(video, ...from, 0, 0, canvas.width, canvas.height);
  }
}
