/** A part of a picture, in shares of its sides: 0, 0, 1, 1 is the whole. It may extend beyond the picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
