import type { Frame } from "../classify/frames.ts";
import type { Rectangle } from "../image-part.ts";
import type { DeviceFacts, NetworkTime } from "./device/api.ts";
import type { Exciting, LayerMaps, MapLayer, SeenPicture } from "./looker/api.ts";
import type {
  Added,
  Exported,
  ExportFormat,
  Lesson,
  LessonProgress,
  Lessons,
  OpenedSession,
  SessionPlan,
  TaughtAnswer,
} from "./teacher/api.ts";

/** What the page knows of the model that the worker holds. */
export interface ModelFacts {
  readonly name: string;
  /** Classes of its answer; 0 for features. */
  readonly classes: number;
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  /** Which kernels run it, as `wasm-relaxed`. */
  readonly engine: string;
  readonly params: number;
  /** Multiply-adds for one picture. */
  readonly macs: number;
  /** What its file leaves open and was assumed, a sentence each. */
  readonly notes: readonly string[];
}

/** A class and where in the picture the evidence for it lies. */
export interface Seen {
  readonly label: string;
  readonly probability: number;
  /** Row-major, in logits; null where the network has no class-activation map. */
  readonly map: Evidence | null;
}

export interface Evidence {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /** What the map covers, as shares of the picture's sides. */
  readonly region: Rectangle;
}

export interface Answer {
  /** Best first. */
  readonly seen: readonly Seen[];
  /** From the decoded picture to the answer. */
  readonly milliseconds: number;
}

/** Pictures of the gallery, the most similar first. */
export interface Neighbours {
  readonly indices: readonly number[];
  /** Cosines of the angle between features. */
  readonly similarities: readonly number[];
}

/** On a square of side 1. */
export type Place = readonly [x: number, y: number];

/** Why the worker could not do something, in the library's own words. */
export interface Failure {
  readonly error: string;
}

export const isFailure = (value: unknown): value is Failure =>
  typeof value === "object" && value !== null && "error" in value;

/** What runs beside the page, so that the page never waits. Errors are answers: their class does not survive the way. */
export interface Api {
  /** @param tell called when something failed for want of memory, beside the error */
  onShort(tell: (error: string) => void): Promise<void>;
  /** The weights at an address, or in a file of any format that the library reads, with the files that came with it. */
  load(source: string | File, beside: readonly File[]): Promise<ModelFacts | Failure>;
  /** The best five classes. A frame is taken over. */
  classify(picture: Blob | Frame): Promise<Answer | Failure>;
  /** Puts a picture into the gallery and gives a small one back; the first is 0, and those that fail do not count. */
  addToGallery(file: Blob): Promise<Blob | Failure>;
  clearGallery(): Promise<void>;
  similarTo(index: number): Promise<Neighbours | Failure>;
  /** A place for each picture of the gallery, like beside like. */
  layoutGallery(): Promise<readonly Place[] | Failure>;

  /** What the host has for the engine; takes some tenths of a second. */
  deviceFacts(): Promise<DeviceFacts | Failure>;
  /** What there is to measure. */
  measurements(threads: number): Promise<readonly { readonly network: string; readonly threads: number }[]>;
  timeOf(network: string, threads: number): Promise<NetworkTime | Failure>;

  /** The layers whose maps are worth looking at, in order. */
  mapLayers(): Promise<readonly MapLayer[] | Failure>;
  /** Keeps a picture to look at layers with. */
  addSeen(file: Blob): Promise<SeenPicture | Failure>;
  /** @param value of a `MapLayer` */
  mapsOf(picture: number, value: string): Promise<LayerMaps | Failure>;
  /** The pictures that excite a channel most, best first. @param tell told the share of pictures looked at */
  excite(value: string, channel: number, tell: (done: number) => void): Promise<readonly Exciting[] | Failure>;
  /** Ends that with what is known by then. */
  stopExciting(): Promise<void>;

  /** Takes an example to teach with. A frame is taken over. */
  addExample(picture: Blob | Frame): Promise<Added | Failure>;
  removeExamples(numbers: readonly number[]): Promise<void>;
  /** Looks at the examples with the network that is loaded now; what was taught is forgotten. */
  renewExamples(): Promise<null | Failure>;
  teach(lesson: Lesson, tell: TellLesson): Promise<Lessons | Failure>;
  /** Ends the lesson after the step under way. */
  stopTeaching(): Promise<void>;
  askTaught(picture: Blob | Frame): Promise<TaughtAnswer | Failure>;
  exportTaught(format: ExportFormat): Promise<Exported | Failure>;
  saveSession(plan: SessionPlan): Promise<Blob | Failure>;
  /** @param own where the page's own network lies, for a session that was taught with it */
  openSession(file: File, own: string, tell: TellLesson): Promise<SessionOpened | Failure>;
}

/** Called from the worker: a proxy of comlink's. */
export type TellLesson = (progress: LessonProgress) => void;

/** A session, and the network that it brought with it or was taught with. */
export interface SessionOpened {
  readonly session: OpenedSession;
  readonly facts: ModelFacts;
}
