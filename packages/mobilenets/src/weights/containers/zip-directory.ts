import { WeightsError } from "../../errors.ts";

/** One file in a zip archive. */
export interface Entry {
  readonly name: string;
  /** Start of the data, which are inside the archive. */
  readonly begin: number;
  /** Size in the archive, and unpacked, in bytes. */
  readonly packedSize: number;
  readonly size: number;
  /** Compression method, by the format's number. */
  readonly method: number;
  readonly encrypted: boolean;
}

/** Lengths of the format's records without names, comments and extra fields, in bytes. */
const LENGTH = { local: 30, entry: 46, end: 22, locator: 20, end64: 56 } as const;
const SIGNATURE = {
  local: 0x04034b50,
  entry: 0x02014b50,
  end: 0x06054b50,
  locator: 0x07064b50,
  end64: 0x06064b50,
} as const;
const MAX_COMMENT = 0xffff;
const ENCRYPTED = 0x0001;
/** Marks numbers of 64 bits, which an extra field has in this order. */
const ELSEWHERE = 0xffffffff;
const WIDE = 0x0001;

/**
 * The entries of a zip archive by the directory at its end, with 64-bit sizes, which torch.save always uses.
 * @throws WeightsError for an archive that is cut short or damaged
 */
export function* entriesOf(bytes: Uint8Array, where: string): Generator<Entry> {
  const record = (at: number, kind: keyof typeof SIGNATURE): DataView => {
    if (!(at >= 0 && at + LENGTH[kind] <= bytes.length)) throw damaged(where);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, LENGTH[kind]);
    if (view.getUint32(0, true) !== SIGNATURE[kind]) throw damaged(where);
    return view;
  };
  let { at, count } = findDirectory(bytes, record, where);
  for (; count > 0; count--) {
    const view = record(at, "entry");
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => view.getUint16(field, true));
    const nameAt = at + LENGTH.entry;
    const extraAt = nameAt + nameSize;
    at = extraAt + extraSize + commentSize;
    if (at > bytes.length) throw damaged(where);
    const numbers = [24, 20, 42].map((field) => view.getUint32(field, true));
    const [size, packedSize, offset] = widened(numbers, bytes.subarray(extraAt, extraAt + extraSize), where);
    const local = record(offset, "local");
    const begin = offset + LENGTH.local + local.getUint16(26, true) + local.getUint16(28, true);
    if (begin + packedSize > bytes.length) throw damaged(where);
    // A copy, because TextDecoder refuses shared memory.
    const name = new TextDecoder().decode(new Uint8Array(bytes.subarray(nameAt, extraAt)));
    const encrypted = (view.getUint16(8, true) & ENCRYPTED) !== 0;
    yield { name, begin, packedSize, size, method: view.getUint16(10, true), encrypted };
  }
}

type Records = (at: number, kind: keyof typeof SIGNATURE) => DataView;

function findDirectory(bytes: Uint8Array, record: Records, where: string): { at: number; count: number } {
  const last = bytes.length - LENGTH.end;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = last;
  while (end >= 0 && end >= last - MAX_COMMENT && view.getUint32(end, true) !== SIGNATURE.end) end--;
  const short = record(end, "end");
  const locatorAt = end - LENGTH.locator;
  if (locatorAt < 0 || view.getUint32(locatorAt, true) !== SIGNATURE.locator) {
    return { at: short.getUint32(16, true), count: short.getUint16(10, true) };
  }
  const wide = record(wideNumber(record(locatorAt, "locator"), 8, where), "end64");
  return { at: wideNumber(wide, 48, where), count: wideNumber(wide, 32, where) };
}

/** Size, packed size and offset, with 64-bit values from the extra field. */
function widened(numbers: readonly number[], extra: Uint8Array, where: string): readonly number[] {
  if (!numbers.includes(ELSEWHERE)) return numbers;
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== WIDE) continue;
    let next = at + 4;
    return numbers.map((number) => {
      if (number !== ELSEWHERE) return number;
      next += 8;
      return wideNumber(view, next - 8, where);
    });
  }
  throw damaged(where);
}

function wideNumber(view: DataView, at: number, where: string): number {
  const number = at + 8 <= view.byteLength ? Number(view.getBigUint64(at, true)) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw damaged(where);
  return number;
}

function damaged(where: string): WeightsError {
  return new WeightsError({ where, found: "a zip archive that cannot be unpacked", hint: "is the file complete?" });
}
