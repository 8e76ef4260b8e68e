import type { Preprocessing } from "../image/preprocessing.ts";
import type { MapLayout } from "../plan/layout.ts";
import type { Placed } from "../plan/plan.ts";

/** How a built file stores weights; it computes with float32 whichever it is. */
export type WeightsType = "float32" | "float16" | "int8";

/** A stretch of linear memory that is copied as it is: step records, statistics of norms, float32 panels. */
export interface PlainSegment {
  /** Its address. */
  readonly at: number;
  readonly bytes: number;
}

/**
 * Panels of weights (see `PanelGeometry`), stored in fewer bits. The payload has the biases of all panels as float32, then
 * as many scales, then the weights: weight = stored * scale of its column.
 */
export interface NarrowSegment {
  readonly at: number;
  readonly type: Exclude<WeightsType, "float32">;
  readonly panels: number;
  /** Output channels of a panel. */
  readonly columns: number;
  /** Weights of an output channel. */
  readonly taps: number;
}

export type Segment = PlainSegment | NarrowSegment;

/** All that the run time of a built file has to know of its network: plain data, which lies in the file as JSON. */
export interface Description {
  /** Name of the network. */
  readonly name: string;
  /** Of this build: weights in a file of their own begin with it. 16 hexadecimal digits. */
  readonly id: string;
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** Bytes of linear memory. */
  readonly memory: number;
  /** Bytes of the payload that fills it. */
  readonly payload: number;
  readonly segments: readonly Segment[];
  readonly stepsAt: number;
  /** How many steps a run takes; the embedding needs the first of them only. */
  readonly steps: { readonly classes: number; readonly embedding: number };
  readonly input: Placed<MapLayout>;
  /** The classifier's output; null where there is none. */
  readonly classes: Placed<MapLayout> | null;
  /** Whether the classifier's one output is the probability of the second of two classes. */
  readonly binary: boolean;
  readonly embedding: Placed<MapLayout>;
}

/** Bytes of a segment in the payload, whose segments begin at multiples of 4. */
export function storedBytes(segment: Segment): number {
  if (!("type" in segment)) return segment.bytes;
  const { panels, columns, taps, type } = segment;
  const weights = panels * columns * taps * (type === "int8" ? 1 : 2);
  return 2 * panels * columns * Float32Array.BYTES_PER_ELEMENT + Math.ceil(weights / 4) * 4;
}
