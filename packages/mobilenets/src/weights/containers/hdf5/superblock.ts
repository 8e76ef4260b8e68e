import { WeightsError } from "../../../errors.ts";
import { SIGNATURE } from "./signature.ts";
import type { Cursor, Source } from "./source.ts";

/** Bytes of the longest version, 1: 8 + 16 + 4 + 4 addresses of 8 + a symbol table entry's 40 bytes. */
const LONGEST = 100;

/**
 * Reads the superblock and sets the source's sizes of addresses and lengths.
 * @returns the address of the root group's object header
 */
export function readSuperblock(source: Source): number {
  const c = source.cursor(0, Math.min(LONGEST, source.length), "the superblock");
  c.skip(SIGNATURE.length);
  const version = c.version(0, 1, 2, 3);
  if (version < 2) {
    // The two sizes are between versions of parts of the file, all 0; then sizes of B-tree nodes, which nodes repeat.
    c.skip(4);
    readSizes(source, c);
    c.skip(1 + 2 + 2 + 4 + (version === 1 ? 4 : 0));
  } else {
    readSizes(source, c);
    c.skip(1);
  }
  const base = c.address();
  if (base !== 0) source.unsupported("a block of other data before it");
  c.address();
  if (version < 2) {
    checkEnd(source, c.definedAddress());
    c.address();
    // The root group's symbol table entry: the address of its name, which it lacks, then of its header.
    c.address();
    return c.definedAddress();
  }
  checkEnd(source, c.definedAddress());
  return c.definedAddress();
}

function readSizes(source: Source, c: Cursor): void {
  const [addressSize, lengthSize] = [c.u8(), c.u8()];
  if (![4, 8].includes(addressSize) || ![4, 8].includes(lengthSize)) {
    source.damaged(`addresses of ${addressSize} and lengths of ${lengthSize} bytes`);
  }
  source.addressSize = addressSize;
  source.lengthSize = lengthSize;
}

function checkEnd(source: Source, end: number): void {
  if (end <= source.length) return;
  throw new WeightsError({
    where: source.where,
    found: `truncated: ${source.length} bytes`,
    expected: `${end} as the HDF5 superblock says`,
    hint: "was the download or copy cut short?",
  });
}
