import { ReadError } from "../platform/platform.ts";
import { show } from "../show.ts";
import { formatShape, type Shape } from "../tensor.ts";
import { type ByteSource, readExactly } from "./byte-source.ts";
import { type Literal, parseLiteral } from "./python-literal.ts";

/** The supported dtypes, as NumPy writes them: little-endian floats of 4, 2 and 8 bytes, signed and unsigned bytes. */
export type NpyDtype = keyof typeof dtypeBytes;

/** Bytes per number. */
export const dtypeBytes = { "<f4": 4, "<f2": 2, "<f8": 8, "|i1": 1, "|u1": 1 } as const;

/** The header of a file. */
export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: Shape;
  /** Offset of the first number. */
  readonly dataStart: number;
}

const MAGIC = "\x93NUMPY";
const ZIP = "PK\x03\x04";
/** NumPy's limit (`max_header_size`); supported arrays have headers of about 120 bytes. */
const MAX_HEADER_BYTES = 10_000;
/** NumPy's limit since 2.0. */
const MAX_DIMENSIONS = 64;
/** Magic, version, and the longer of the two header lengths. */
const PREFIX_BYTES = 12;

/**
 * Reads the header of NumPy's format, versions 1.0, 2.0 and 3.0, and checks it against the file's size. Bytes after the
 * array are ignored, as NumPy does.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws ReadError for a file that is not of this format, is cut short, or has an unsupported dtype or order
 */
export async function readNpyHeader(source: ByteSource, where: string): Promise<NpyHeader> {
  const prefix = await readExactly(source, 0, Math.min(PREFIX_BYTES, source.size));
  const magic = latin1(prefix.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw notNpy(where, prefix);
  if (prefix.length < PREFIX_BYTES) throw short(where, source.size, `more than ${PREFIX_BYTES}`);
  const [major, minor] = prefix.subarray(MAGIC.length);
  if (minor !== 0 || major < 1 || major > 3) {
    throw new ReadError({ where, found: `version ${major}.${minor} of the format`, expected: "1.0, 2.0 or 3.0" });
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    throw new ReadError({ where, found: `a header of ${length} bytes`, expected: `at most ${MAX_HEADER_BYTES}` });
  }
  const dataStart = start + length;
  if (dataStart > source.size) throw short(where, source.size, `${dataStart} for the header alone`);
  const { dtype, shape } = parseHeader(decode(await readExactly(source, start, length), major, where), where);
  checkSize(shape, dtype, source.size - dataStart, where);
  return { dtype, shape, dataStart };
}

function decode(bytes: Uint8Array, major: number, where: string): string {
  if (major < 3) return latin1(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
  } catch (cause) {
    throw new ReadError({ where, found: "a header that is not UTF-8", hint: "is the file damaged?" }, { cause });
  }
}

const KEYS = ["descr", "fortran_order", "shape"];

/** @param text `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }` and blanks */
function parseHeader(text: string, where: string): { dtype: NpyDtype; shape: Shape } {
  const broken = (found: string, cause?: unknown) =>
    new ReadError(
      { where, found, expected: `a dictionary of ${KEYS.join(", ")}`, hint: "is the file damaged?" },
      { cause },
    );
  let header: Literal;
  try {
    header = parseLiteral(text);
  } catch (cause) {
    throw broken(`a header with ${(cause as Error).message}`, cause);
  }
  if (typeof header !== "object" || header.kind !== "dict") throw broken(`the header ${show(text)}`);
  const keys = [...header.entries.keys()].sort();
  if (keys.join() !== KEYS.join()) throw broken(`a header with the keys ${show(keys.join(", "))}`);
  const [descr, fortran, shape] = KEYS.map((key) => header.entries.get(key));

  if (typeof descr !== "string" && !(typeof descr === "object" && descr.kind === "list")) {
    throw broken("a descr that is neither a text nor a list");
  }
  const dtype = checkDtype(descr, where);
  if (typeof fortran !== "boolean") throw broken("a fortran_order that is neither True nor False");
  if (typeof shape !== "object" || shape.kind !== "tuple" || !shape.items.every((n) => typeof n === "number")) {
    throw broken("a shape that is not a tuple of whole numbers");
  }
  if (fortran) throw refused(where, "an array in Fortran order, column by column", "C order, row by row");
  return { dtype, shape: checkShape(shape.items, where) };
}

function checkDtype(descr: Literal, where: string): NpyDtype {
  if (typeof descr === "string" && Object.hasOwn(dtypeBytes, descr)) return descr as NpyDtype;
  const found =
    typeof descr !== "string"
      ? "an array of records (a structured dtype)"
      : descr.endsWith("O")
        ? "an array of Python objects (dtype object), which are pickled code"
        : `an array of dtype ${show(descr)}`;
  throw refused(where, found, `one of ${Object.keys(dtypeBytes).join(", ")}`);
}

function checkShape(shape: readonly number[], where: string): Shape {
  if (shape.length > MAX_DIMENSIONS) {
    throw new ReadError({ where, found: `${shape.length} dimensions`, expected: `at most ${MAX_DIMENSIONS}` });
  }
  if (shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return shape;
  throw new ReadError({
    where,
    found: `shape ${formatShape(shape)}`,
    expected: "sizes of at least 0 that a file can hold",
  });
}

/** @param available bytes from the first number to the end of the file */
function checkSize(shape: Shape, dtype: NpyDtype, available: number, where: string): void {
  // A size of 0 makes all products 0.
  const bytes = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, dtypeBytes[dtype]);
  if (bytes <= available) return;
  const needed = Number.isSafeInteger(bytes) ? `${bytes} bytes of numbers` : "more than any file holds";
  throw new ReadError({
    where,
    found: `${available} bytes of numbers`,
    expected: `${needed}, for ${dtype} of shape ${formatShape(shape)}`,
    hint: "is the file cut short?",
  });
}

function refused(where: string, found: string, expected: string): ReadError {
  return new ReadError({
    where,
    found,
    expected,
    hint: 'np.save(path, np.ascontiguousarray(array, "<f4")) writes one',
  });
}

function short(where: string, size: number, expected: string): ReadError {
  return new ReadError({ where, found: `${size} bytes`, expected, hint: "is the file cut short?" });
}

function notNpy(where: string, prefix: Uint8Array): ReadError {
  const zip = latin1(prefix.subarray(0, ZIP.length)) === ZIP;
  const hint = zip ? "a .npz is an archive of several: take the .npy files out of it" : undefined;
  const found = prefix.length === 0 ? "an empty file" : zip ? "a zip archive" : "no NumPy file";
  return new ReadError({ where, found, expected: "a .npy file, as np.save writes it", hint });
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
