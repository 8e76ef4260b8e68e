import type { Preprocessing } from "../image/preprocessing.ts";
import type { MapLayout } from "../plan/layout.ts";
import type { Placed } from "../plan/plan.ts";

/** How a built file stores weights; it always computes with float32. */
export type WeightsType = "float32" | "float16" | "int8";

/** A range of linear memory that is copied unchanged: step records, statistics of norms, float32 panels. */
export interface PlainSegment {
  /** Address in linear memory. */
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
  /** Output channels per panel. */
  readonly columns: number;
  /** Weights per output channel. */
  readonly taps: number;
}

export type Segment = PlainSegment | NarrowSegment;

/** Everything that the run time of a built file needs to know about its network. The file stores it as JSON. */
export interface Description {
  /** Name of the network. */
  readonly name: string;
  /** Identifies the build: 16 hexadecimal digits. A separate weights file begins with them. */
  readonly id: string;
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** Size of linear memory in bytes. */
  readonly memory: number;
  /** Size of the payload in bytes. */
  readonly payload: number;
  readonly segments: readonly Segment[];
  readonly stepsAt: number;
  /** Number of steps per run; the embedding needs only the first of them. */
  readonly steps: { readonly classes: number; readonly embedding: number };
  readonly input: Placed<MapLayout>;
  /** The classifier's output; null where there is none. */
  readonly classes: Placed<MapLayout> | null;
  /** Whether the classifier's one output is the probability of the second of two classes. */
  readonly binary: boolean;
  readonly embedding: Placed<MapLayout>;
}

/** A segment's bytes in the payload, where segments begin at multiples of 4. */
export function storedBytes(segment: Segment): number {
  if (!("type" in segment)) return segment.bytes;
  const { panels, columns, taps, type } = segment;
  const weights = panels * columns * taps * (type === "int8" ? 1 : 2);
  return 2 * panels * columns * Float32Array.BYTES_PER_ELEMENT + Math.ceil(weights / 4) * 4;
}
