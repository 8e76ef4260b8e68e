import type { Rectangle } from "../../image-part.ts";

export type LayerKind = "standard" | "depthwise" | "pointwise" | "sum";

/** A layer with a map to look at. */
export interface MapLayer {
  /** Of the convolution, or of the sum. */
  readonly name: string;
  /** Of the map: after batch norm and activation. */
  readonly value: string;
  readonly kind: LayerKind;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Side of the window, in pixels. */
  readonly kernel: number;
  readonly macs: number;
  readonly params: number;
  /** Name of the block that it belongs to; null for the stem and the head. */
  readonly block: string | null;
  /** For a sum: how many map layers before it its other input lies. */
  readonly shortcut: number | null;
}

/** What a layer makes of a picture. */
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

/** A picture and where in it a channel answers. */
export interface Exciting {
  /** By the number under which the worker knows it. */
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
  /** Small. */
  readonly picture: Blob;
}
