/** A picture added as an example, with the worker's number. */
export interface Added {
  readonly number: number;
  /** A small file for training, display and saving. */
  readonly picture: Blob;
}

/** `head` trains only the classifier, on stored features. `blocks` then trains the last blocks with it. */
export type LessonMode = "head" | "blocks";

export interface Lesson {
  /** Names in output order. */
  readonly classes: readonly string[];
  readonly examples: readonly {
    readonly number: number;
    /** Position in `classes`. */
    readonly label: number;
    /** Whether it is for validation only. */
    readonly heldOut: boolean;
  }[];
  readonly mode: LessonMode;
}

/** An example and its similarity to the query picture. */
export interface Near {
  readonly number: number;
  /** Cosine between their features. */
  readonly similarity: number;
}

/** The network's answer for an example. */
export interface Judged {
  readonly number: number;
  readonly label: number;
  readonly predicted: number;
  /** Probabilities of these two classes. */
  readonly ofLabel: number;
  readonly ofPredicted: number;
  /** The most similar training examples. */
  readonly nearest: readonly Near[];
}

/** The accuracy so far. */
export interface Report {
  /** Shares of correct answers; `heldOut` is null without held-out examples. */
  readonly learnt: number;
  readonly heldOut: number | null;
  /** Number of held-out examples. */
  readonly checked: number;
  /** Confused examples, the worst first: wrong answers, then the least certain. */
  readonly confused: readonly Judged[];
}

export interface LessonProgress {
  readonly phase: "head" | "blocks" | "features";
  /** Finished share of the phase, 0 to 1. */
  readonly done: number;
  readonly report?: Report;
}

export interface Lessons {
  readonly report: Report;
  readonly seconds: number;
  /** Whether it was stopped before its end; the state of the training then stays. */
  readonly stopped: boolean;
}

export interface TaughtAnswer {
  /** Classes, best first. */
  readonly seen: readonly { readonly label: string; readonly probability: number }[];
  readonly nearest: readonly Near[];
  readonly milliseconds: number;
}

/** Formats of exported files. `module` is one JavaScript file that needs nothing else. */
export const exportFormats = ["module", "safetensors", "tflite", "onnx", "tfjs"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A file to save, with the values for its code snippet. */
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

/** The content of a session file besides its pictures and weights. */
export interface SessionPlan {
  readonly classes: readonly {
    readonly name: string;
    readonly pictures: readonly {
      readonly number: number;
      readonly name: string;
      /** Pictures of one group are on the same side: training or held out. */
      readonly group: string;
    }[];
  }[];
}

/** An opened session: the same plan, with the pictures' new numbers. */
export interface OpenedSession {
  readonly plan: SessionPlan;
  readonly pictures: ReadonlyMap<number, Blob>;
  /** Report and classes, if the session had been taught. */
  readonly taught: { readonly report: Report; readonly classes: readonly string[] } | null;
  /** Number of the file's pictures that are missing because of a stop. */
  readonly missing: number;
}
