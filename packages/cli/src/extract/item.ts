import type { BadPicture } from "../pictures/open.ts";

/** A line of `items.jsonl`: a picture and its row in `features.npy`, or why it has none. */
export type Item = GoodItem | BadPicture;

export interface GoodItem {
  readonly path: string;
  /** Hash of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Pixels, after turning upright. */
  readonly width: number;
  readonly height: number;
  readonly row: number;
}

export function itemLine(item: Item): string {
  return `${JSON.stringify(item)}\n`;
}

/** Returns undefined for an incomplete line, e.g. after a crash. */
export function parseItem(line: string): Item | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("path" in value)) return undefined;
  return "row" in value || "error" in value ? (value as Item) : undefined;
}
