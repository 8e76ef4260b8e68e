/** A picture that was taken as an example, by the number under which the worker knows it. */
export interface Added {
  readonly number: number;
  /** Small: what is learnt from, shown and saved. */
  readonly picture: Blob;
}

/** `head`: the classifier alone, on features that are at hand. `blocks`: then the last blocks of the network with it. */
export type LessonMode = "head" | "blocks";

export interface Lesson {
  /** Names in output order. */
  readonly classes: readonly string[];
  readonly examples: readonly {
    readonly number: number;
    /** Position in `classes`. */
    readonly label: number;
    /** Not learnt from, but checked with. */
    readonly heldOut: boolean;
  }[];
  readonly mode: LessonMode;
}

/** An example, and how like the picture asked about it is. */
export interface Near {
  readonly number: number;
  /** Cosine of the angle between their features. */
  readonly similarity: number;
}

/** What the network says of an example. */
export interface Judged {
  readonly number: number;
  readonly label: number;
  readonly predicted: number;
  /** Its probabilities for these two. */
  readonly ofLabel: number;
  readonly ofPredicted: number;
  /** What it learnt from that is most like it. */
  readonly nearest: readonly Near[];
}

/** How well it answers so far. */
export interface Report {
  /** Shares of right answers; without examples held out, `heldOut` is null. */
  readonly learnt: number;
  readonly heldOut: number | null;
  /** How many were held out. */
  readonly checked: number;
  /** The most confused first: taken for another class, then those that nearly were. */
  readonly confused: readonly Judged[];
}

export interface LessonProgress {
  readonly phase: "head" | "blocks" | "features";
  /** Of the phase, from 0 to 1. */
  readonly done: number;
  readonly report?: Report;
}

export interface Lessons {
  readonly report: Report;
  readonly seconds: number;
  /** Whether it was stopped before its end; what it had learnt by then stays. */
  readonly stopped: boolean;
}

export interface TaughtAnswer {
  /** Best first. */
  readonly seen: readonly { readonly label: string; readonly probability: number }[];
  readonly nearest: readonly Near[];
  readonly milliseconds: number;
}

/** `module`: one JavaScript file that needs nothing else. */
export const exportFormats = ["module", "safetensors", "tflite", "onnx", "tfjs"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A file to save, with what its snippet of code must know. */
export interface Exported {
  readonly name: string;
  readonly file: Blob;
  readonly width: number;
  readonly height: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly crop: string;
  readonly cropFraction: number;
}

/** What a session file says beside its pictures and weights. */
export interface SessionPlan {
  readonly classes: readonly {
    readonly name: string;
    readonly pictures: readonly {
      readonly number: number;
      readonly name: string;
      /** Pictures of one group are on one side: learnt from, or held out. */
      readonly group: string;
    }[];
  }[];
}

/** A session as it was opened: the same plan, with the pictures under their new numbers. */
export interface OpenedSession {
  readonly plan: SessionPlan;
  readonly pictures: ReadonlyMap<number, Blob>;
  /** How it answers, and for which classes, where it had been taught. */
  readonly taught: { readonly report: Report; readonly classes: readonly string[] } | null;
  /** Pictures of the file that are not there, since it was stopped. */
  readonly missing: number;
}
