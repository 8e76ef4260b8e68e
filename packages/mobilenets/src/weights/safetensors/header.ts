import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Shape } from "../../tensor.ts";
import { parseStrictJson } from "../containers/strict-json.ts";
import { DTYPES } from "./dtype.ts";

/** A tensor's entry in the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  /** Number of elements. */
  readonly count: number;
  /** First byte, and the byte after the last, counted from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** Entries in the order of the data, which they fill without gap or overlap from byte 0. */
  readonly entries: readonly Entry[];
  readonly metadata: Record<string, string>;
}

/** Checks and decodes the JSON header. @throws WeightsError for an invalid entry; it names the tensor */
export function parseHeader(bytes: Uint8Array, where: string): Header {
  const json = decodeJson(bytes, where);
  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(json)) {
    checkName(name, where);
    if (name === "__metadata__") metadata = readMetadata(value, where);
    else entries.push(readEntry(name, value, where));
  }
  // Empty tensors share their neighbour's offset; sorting by the end too puts them before it.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, where);
  return { entries, metadata };
}

/**
 * Refuses names that every object has, such as `__proto__` and `constructor`: as keys of a plain object they would change
 * its prototype, or be found although nothing is stored.
 */
export function checkName(name: string, where: string): void {
  if (!(name in {})) return;
  throw new WeightsError({ where, found: `the name ${show(name)}`, expected: "a name that no JavaScript object has" });
}

function decodeJson(bytes: Uint8Array, where: string): object {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WeightsError({ where, found: "a header that is not UTF-8", hint: NOT_SAFETENSORS }, { cause });
  }
  let json: unknown;
  try {
    json = parseStrictJson(text, 3);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError({ where, found: `a header that is not acceptable JSON (${reason})` }, { cause });
  }
  if (isObject(json)) return json;
  throw new WeightsError({
    where,
    found: `the header ${show(json)}`,
    expected: "a JSON object",
    hint: NOT_SAFETENSORS,
  });
}

function readMetadata(value: unknown, where: string): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (!isObject(value)) {
    throw new WeightsError({ where, found: `__metadata__ is ${show(value)}`, expected: "an object of strings" });
  }
  for (const [key, text] of Object.entries(value)) {
    checkName(key, `${where}: __metadata__`);
    if (typeof text !== "string") {
      throw new WeightsError({
        where: `${where}: __metadata__`,
        found: `${show(key)} is ${show(text)}`,
        expected: "a string",
      });
    }
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown, where: string): Entry {
  const fail = (found: string, expected: string, hint?: string) =>
    new WeightsError({ where: tensorOf(name, where), found, expected, hint });
  if (!isObject(value)) throw fail(`is ${show(value)}`, "an object with dtype, shape and data_offsets");
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;

  const format = typeof dtype === "string" ? DTYPES.get(dtype) : undefined;
  if (typeof dtype !== "string" || !format) {
    throw fail(`has dtype ${show(dtype)}`, `one of ${[...DTYPES.keys()].join(", ")}`, "convert the tensor");
  }

  if (!isSizes(shape)) throw fail(`has shape ${show(shape)}`, "an array of whole numbers from 0 up");
  let count = 1;
  for (const n of shape) {
    count *= n;
    if (!Number.isSafeInteger(count * format.bytes)) {
      throw fail(`has shape ${show(shape)}`, "no more elements than a file can hold");
    }
  }

  if (!isSizes(offsets) || offsets.length !== 2) {
    throw fail(`has data_offsets ${show(offsets)}`, "two whole numbers from 0 up");
  }
  const [begin, end] = offsets;
  if (end < begin) throw fail(`has data_offsets ${show(offsets)}`, "the end not before the beginning");
  if (end - begin !== count * format.bytes) {
    throw fail(`has ${end - begin} bytes of data`, `${count * format.bytes} for ${dtype} of shape ${show(shape)}`);
  }
  return { name, dtype, shape, count, begin, end };
}

function checkLayout(entries: readonly Entry[], where: string): void {
  let at = 0;
  entries.forEach(({ name, begin, end }, i) => {
    if (begin !== at) {
      const previous = i === 0 ? "the start of the data" : `tensor ${show(entries[i - 1].name)}`;
      throw new WeightsError({
        where: tensorOf(name, where),
        found: `${begin < at ? "overlaps" : "leaves a gap after"} ${previous} (it begins at byte ${begin})`,
        expected: `byte ${at}`,
      });
    }
    at = end;
  });
}

const tensorOf = (name: string, file: string) => `${file}: tensor ${show(name)}`;

export const NOT_SAFETENSORS = "is this a safetensors file?";

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
