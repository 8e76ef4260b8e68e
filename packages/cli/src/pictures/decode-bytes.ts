import { type Picture, toPicture } from "mobilenets";
import type { Limits } from "./limits.ts";

/** Decodes a picture's file, at a reduced scale if the limits ask for it. */
export async function decodeBytes(
  bytes: Uint8Array,
  { maxPixels, reduceTo }: Pick<Limits, "maxPixels" | "reduceTo">,
): Promise<Picture> {
  if (reduceTo) {
    const { decodeReduced, readHeader, reductionFor } = await import("../store/compute/reduced.ts");
    const header = await readHeader(bytes);
    // The decoder refuses larger pictures with its own error.
    const reduction = header.width * header.height <= maxPixels ? reductionFor(header, reduceTo) : 1;
    if (reduction !== 1) return decodeReduced(bytes, header, reduction);
  }
  return toPicture(bytes, { limitPixels: maxPixels });
}
