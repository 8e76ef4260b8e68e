import { below, pick, type Rng } from "./dice.ts";

type Mutation = (bytes: Uint8Array, rng: Rng) => Uint8Array;

/** A random position; half of all are at the start or end, where headers are. */
function position(length: number, rng: Rng): number {
  const edge = Math.min(length, 2048);
  const where = rng();
  if (where < 0.3) return below(rng, edge);
  if (where < 0.5) return length - 1 - below(rng, edge);
  return below(rng, length);
}

function flip(bytes: Uint8Array, rng: Rng): Uint8Array {
  const out = bytes.slice();
  for (let n = 1 + below(rng, 8); n > 0; n--) out[position(out.length, rng)] ^= 1 << below(rng, 8);
  return out;
}

function truncate(bytes: Uint8Array, rng: Rng): Uint8Array {
  return bytes.slice(0, position(bytes.length, rng));
}

function insert(bytes: Uint8Array, rng: Rng): Uint8Array {
  const at = position(bytes.length, rng);
  const noise = Uint8Array.from({ length: 1 + below(rng, 64) }, () => below(rng, 256));
  return splice(bytes, at, 0, noise);
}

function remove(bytes: Uint8Array, rng: Rng): Uint8Array {
  return splice(bytes, position(bytes.length, rng), 1 + below(rng, 64), new Uint8Array());
}

/** Copies or inserts a piece of the file elsewhere. */
function transplant(bytes: Uint8Array, rng: Rng): Uint8Array {
  const from = position(bytes.length, rng);
  const piece = bytes.slice(from, from + 1 + below(rng, 256));
  return splice(bytes, position(bytes.length, rng), pick(rng, [0, piece.length]), piece);
}

/** Replaces an integer of 1 to 8 bytes, perhaps a length, offset or count, by a harmful one. */
function integer(bytes: Uint8Array, rng: Rng): Uint8Array {
  const out = bytes.slice();
  const size = pick(rng, [1, 2, 4, 4, 4, 8]);
  const at = position(out.length, rng);
  const aligned = rng() < 0.7 ? at - (at % size) : at;
  const near = below(rng, 64) - 32;
  const n = BigInt.asUintN(
    size * 8,
    BigInt(pick(rng, [0, 1, -1, near, out.length, out.length + near, 2 ** 31, 2 ** 40])),
  );
  const little = rng() < 0.8;
  for (let i = 0; i < size && aligned + i < out.length; i++) {
    out[aligned + i] = Number((n >> BigInt(8 * (little ? i : size - 1 - i))) & 0xffn);
  }
  return out;
}

/** Changes a number written as text, as in JSON, tar headers and Python literals. */
function digits(bytes: Uint8Array, rng: Rng): Uint8Array {
  const isDigit = (at: number) => bytes[at] >= 0x30 && bytes[at] <= 0x39;
  const start = position(bytes.length, rng);
  for (let at = start; at < Math.min(bytes.length, start + 4096); at++) {
    if (!isDigit(at)) continue;
    let end = at;
    while (isDigit(end)) end++;
    const value = pick(rng, ["0", "-1", "1", "1e99", "99999999999", "4294967295", '"x"', "null", "[]", "{}"]);
    return splice(bytes, at, end - at, new TextEncoder().encode(value));
  }
  return flip(bytes, rng);
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(bytes.length, at + removed));
  const out = new Uint8Array(at + inserted.length + tail.length);
  out.set(bytes.subarray(0, at));
  out.set(inserted, at);
  out.set(tail, at + inserted.length);
  return out;
}

const mutations: readonly Mutation[] = [flip, truncate, insert, remove, transplant, integer, integer, integer, digits];

/** A copy of `bytes` with one to four mutations. */
export function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  // Not a Buffer, whose slice() is a view: mutations would accumulate in the original file.
  let out: Uint8Array = new Uint8Array(bytes);
  for (let n = 1 + below(rng, 4); n > 0 && out.length > 0; n--) out = pick(rng, mutations)(out, rng);
  return out;
}
