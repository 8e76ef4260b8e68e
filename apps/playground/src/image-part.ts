/** A part of a picture, in shares of its sides: 0, 0, 1, 1 is all of it. It may reach beyond the picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
