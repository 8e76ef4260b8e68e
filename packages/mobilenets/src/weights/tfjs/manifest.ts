import { deferred } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { type Shape, sizeOf, type Tensor, type TensorData } from "../../tensor.ts";
import { widenFloat16 } from "../containers/half.ts";
import { asList, asName, asObject } from "../containers/json.ts";
import { checkName } from "../safetensors/header.ts";

/** Weights that are adjacent in the joined bytes of the group's shard files. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

export interface ManifestWeight {
  /** `<layer>/<weight>` */
  readonly name: string;
  readonly byteLength: number;
  /** @param bytes exactly `byteLength` bytes, little-endian */
  decode(bytes: Uint8Array): Tensor<TensorData>;
}

/**
 * Checks the `weightsManifest` of a TensorFlow.js model.json.
 * @throws WeightsError for an invalid entry; it names the weight
 */
export function parseManifest(json: unknown, where: string): readonly WeightGroup[] {
  const seen = new Set<string>();
  return asList(json, where, "weightsManifest").map((item) => {
    const group = asObject(item, where, "a group of weightsManifest");
    const paths = asList(group.paths, where, "paths of weightsManifest").map((path) =>
      asName(path, where, "a path of weightsManifest"),
    );
    const weights = asList(group.weights, where, "weights of weightsManifest").map((entry) =>
      parseWeight(entry, where),
    );
    for (const { name } of weights) {
      if (seen.has(name)) throw new WeightsError({ where, found: `two weights ${show(name)}`, expected: "one" });
      seen.add(name);
    }
    return { paths, weights };
  });
}

/** The storage of numbers in the shards. */
interface Storage {
  /** Bytes per number. */
  readonly bytes: number;
  /** Converts a copy of the weight's bytes. */
  read(buffer: ArrayBuffer): TensorData;
  /** Whether `read` widens fewer bits to float32. */
  readonly widens?: boolean;
}

const storages: ReadonlyMap<unknown, Storage> = new Map([
  ["float32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ["int32", { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
]);

function parseWeight(json: unknown, where: string): ManifestWeight {
  const entry = asObject(json, where, "a weight of weightsManifest");
  const name = asName(entry.name, where, "a weight's name");
  checkName(name, where);
  const here = `${where}: ${name}`;
  const shape = parseShape(entry.shape, here);
  const storage = parseStorage(entry.dtype, entry.quantization, here);
  const byteLength = sizeOf(shape) * storage.bytes;
  if (!Number.isSafeInteger(byteLength)) {
    throw new WeightsError({ where: here, found: `shape ${show(shape)}`, expected: "no more than a file can hold" });
  }
  const decode = (bytes: Uint8Array) => {
    const { buffer } = new Uint8Array(bytes);
    if (storage.widens) return deferred(shape, () => storage.read(buffer) as Float32Array);
    return { data: storage.read(buffer), shape };
  };
  return { name, byteLength, decode };
}

function parseShape(shape: unknown, where: string): Shape {
  const sizes = asList(shape, where, "shape");
  if (sizes.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)) return sizes as Shape;
  throw new WeightsError({ where, found: `shape ${show(shape)}`, expected: "whole numbers from 0 up" });
}

function parseStorage(dtype: unknown, quantization: unknown, where: string): Storage {
  if (quantization !== undefined) {
    if (dtype === "float32") return parseQuantization(quantization, where);
    throw new WeightsError({ where, found: `quantised weights of dtype ${show(dtype)}`, expected: "float32" });
  }
  const storage = storages.get(dtype);
  if (storage) return storage;
  throw new WeightsError({ where, found: `dtype ${show(dtype)}`, expected: [...storages.keys()].join(" or ") });
}

/** The storage of 16-bit floating point, or of `value * scale + min` with 8 or 16 bits. */
function parseQuantization(json: unknown, where: string): Storage {
  const { dtype, scale, min } = asObject(json, where, "quantization");
  if (dtype === "float16") return { bytes: 2, read: (buffer) => widenFloat16(new Uint16Array(buffer)), widens: true };
  if (dtype !== "uint8" && dtype !== "uint16") {
    throw new WeightsError({ where, found: `quantization to ${show(dtype)}`, expected: "uint8, uint16 or float16" });
  }
  if (typeof scale !== "number" || typeof min !== "number") {
    throw new WeightsError({ where, found: `quantization ${show(json)}`, expected: "numbers scale and min" });
  }
  const Stored = dtype === "uint8" ? Uint8Array : Uint16Array;
  return {
    bytes: Stored.BYTES_PER_ELEMENT,
    widens: true,
    read(buffer) {
      const values = new Float32Array(new Stored(buffer));
      for (let i = 0; i < values.length; i++) values[i] = values[i] * scale + min;
      return values;
    },
  };
}
