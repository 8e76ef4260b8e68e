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

/** The page's facts about the worker's model. */
export interface ModelFacts {
  readonly name: string;
  /** Number of classes; 0 for features. */
  readonly classes: number;
  /** Size of the input in pixels. */
  readonly height: number;
  readonly width: number;
  /** Name of the engine and its kernels, e.g. `wasm-relaxed`. */
  readonly engine: string;
  readonly params: number;
  /** Multiply-adds for one picture. */
  readonly macs: number;
  /** A sentence for each thing that the file leaves open and `load` assumed. */
  readonly notes: readonly string[];
}

/** A class, and the evidence for it in the picture. */
export interface Seen {
  readonly label: string;
  readonly probability: number;
  /** Row-major, in logits; null for a network without class-activation maps. */
  readonly map: Evidence | null;
}

export interface Evidence {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /** The part of the picture that the map covers, as shares of the picture's sides. */
  readonly region: Rectangle;
}

export interface Answer {
  /** Classes, best first. */
  readonly seen: readonly Seen[];
  /** Time from the decoded picture to the answer. */
  readonly milliseconds: number;
}

/** Pictures of the gallery, the most similar first. */
export interface Neighbours {
  readonly indices: readonly number[];
  /** Cosines between features. */
  readonly similarities: readonly number[];
}

/** A place on a square of side 1. */
export type Place = readonly [x: number, y: number];

/** A failure of the worker, with the library's message. */
export interface Failure {
  readonly error: string;
}

export const isFailure = (value: unknown): value is Failure =>
  typeof value === "object" && value !== null && "error" in value;

/** The worker's functions, so that the page never waits. Errors are results, because messages lose an error's class. */
export interface Api {
  /** @param tell called when something fails for lack of memory, in addition to the error */
  onShort(tell: (error: string) => void): Promise<void>;
  /** Loads weights from an address, or from a file of any format that the library reads, with its companions. */
  load(source: string | File, beside: readonly File[]): Promise<ModelFacts | Failure>;
  /** Returns the best five classes. It takes ownership of a frame. */
  classify(picture: Blob | Frame): Promise<Answer | Failure>;
  /** Adds a picture to the gallery and returns a thumbnail. Pictures count from 0; failed ones do not count. */
  addToGallery(file: Blob): Promise<Blob | Failure>;
  clearGallery(): Promise<void>;
  similarTo(index: number): Promise<Neighbours | Failure>;
  /** Lays out the gallery so that similar pictures are close. @param tell gets the finished share */
  layoutGallery(tell: (done: number) => void): Promise<readonly Place[] | Failure>;
  /** Stops the layout with the current places; with none if there are none yet. */
  stopLayout(): Promise<void>;

  /** Returns the host's properties for the engine; takes some tenths of a second. */
  deviceFacts(): Promise<DeviceFacts | Failure>;
  /** Lists the measurements. */
  measurements(threads: number): Promise<readonly { readonly network: string; readonly threads: number }[]>;
  timeOf(network: string, threads: number): Promise<NetworkTime | Failure>;

  /** Returns the layers with maps to show, in order. */
  mapLayers(): Promise<readonly MapLayer[] | Failure>;
  /** Stores a picture for the features view. */
  addSeen(file: Blob): Promise<SeenPicture | Failure>;
  /** @param value the `value` of a `MapLayer` */
  mapsOf(picture: number, value: string): Promise<LayerMaps | Failure>;
  /** Returns the pictures that excite a channel most, best first. @param tell gets the share of processed pictures */
  excite(value: string, channel: number, tell: (done: number) => void): Promise<readonly Exciting[] | Failure>;
  /** Stops the search with the current result. */
  stopExciting(): Promise<void>;

  /** Adds an example for teaching. It takes ownership of a frame. */
  addExample(picture: Blob | Frame): Promise<Added | Failure>;
  removeExamples(numbers: readonly number[]): Promise<void>;
  /** Computes the examples' features with the current network; forgets what was taught. */
  renewExamples(): Promise<null | Failure>;
  teach(lesson: Lesson, tell: TellLesson): Promise<Lessons | Failure>;
  /** Ends the lesson after the current step. */
  stopTeaching(): Promise<void>;
  askTaught(picture: Blob | Frame): Promise<TaughtAnswer | Failure>;
  exportTaught(format: ExportFormat): Promise<Exported | Failure>;
  saveSession(plan: SessionPlan): Promise<Blob | Failure>;
  /** @param own address of the page's own network, for a session that was taught with it */
  openSession(file: File, own: string, tell: TellLesson): Promise<SessionOpened | Failure>;
}

/** A callback for the worker: a proxy of comlink. */
export type TellLesson = (progress: LessonProgress) => void;

/** A session, and the network of its file or that it was taught with. */
export interface SessionOpened {
  readonly session: OpenedSession;
  readonly facts: ModelFacts;
}
