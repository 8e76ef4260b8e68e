import { code, get, i32, mul, set } from "../instructions.ts";
import { advance, imageAndRow, share, whileBelow } from "../wat.ts";

/** Sizes of the maps that a kernel visits, as code. */
interface Sizes {
  readonly images: string;
  readonly height: string;
  readonly width: string;
  /** Bytes of a pixel's channels. */
  readonly bytes: string;
}

/**
 * Runs `body` for each vector of channels in a chunk's share of rows. `$image`, `$row` and `$column` are the pixel's,
 * and `$i` is the vector's offset in the pixel, in bytes.
 * @param first code that runs once per row, and once per pixel
 */
export function eachVectorOfRows(
  { images, height, width, bytes }: Sizes,
  first: { readonly row?: string; readonly pixel?: string },
  body: string,
): string {
  const vectors = whileBelow("i", bytes, body, advance("i", i32(16)));
  const pixel = code(first.pixel ?? "", set("i", i32(0)), vectors, advance("column", i32(1)));
  const columns = code(set("column", i32(0)), whileBelow("column", width, pixel));
  const row = code(imageAndRow(height), first.row ?? "", columns, advance("from", i32(1)));
  return code(share(mul(images, height)), whileBelow("from", get("to"), row));
}
