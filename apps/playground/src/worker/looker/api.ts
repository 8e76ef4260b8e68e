import type { Rectangle } from "../../image-part.ts";

export type LayerKind = "standard" | "depthwise" | "pointwise" | "sum";

/** A layer with a map to show. */
export interface MapLayer {
  /** Name of the convolution or sum. */
  readonly name: string;
  /** Name of the map, after batch norm and activation. */
  readonly value: string;
  readonly kind: LayerKind;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Window size in pixels. */
  readonly kernel: number;
  readonly macs: number;
  readonly params: number;
  /** Name of its block; null for the stem and the head. */
  readonly block: string | null;
  /** For a sum: distance to the layer of its other input, in map layers. */
  readonly shortcut: number | null;
}

/** A layer's maps of a picture. */
export interface LayerMaps {
  readonly height: number;
  readonly width: number;
  /** Channels, the strongest first. */
  readonly order: readonly number[];
  /** Largest value of each channel, by channel. */
  readonly strengths: Float32Array;
  /** `[height, width, channels]` */
  readonly data: Float32Array;
}

/** A picture, and the place that excites a channel. */
export interface Exciting {
  /** The worker's number of the picture. */
  readonly picture: number;
  readonly strength: number;
  readonly map: {
    readonly data: Float32Array;
    readonly height: number;
    readonly width: number;
    readonly region: Rectangle;
  };
}

export interface SeenPicture {
  readonly number: number;
  /** A thumbnail. */
  readonly picture: Blob;
}
