import { zipSync } from "fflate";
import { buildGraph, type NetworkName } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { type Shape, sizeOf, type Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { timmModules } from "../../packages/mobilenets/src/weights/names/timm.ts";
import { toTorch } from "../../packages/mobilenets/src/weights/names/torch-layout.ts";

/** Values in the pickles of test files; a Map is a dict, an array is a list. */
export type Picklable = null | number | string | readonly Picklable[] | ReadonlyMap<string, Picklable> | Tensor;

/** The parameters of a timm network by timm's names, with ascending numbers. */
export function timmState(network: NetworkName, options: ModelOptions): ReadonlyMap<string, Tensor> {
  const graph = buildGraph(network, options);
  let next = 0;
  const counting = (shape: Shape): Tensor => ({ data: new Float32Array(sizeOf(shape)).map(() => next++), shape });
  return new Map(
    timmModules(graph).flatMap(({ layer, kind, path, weights }) =>
      weights.map(([ours, theirs]) => {
        const value = counting(graph.params[`${layer}/${ours}`].shape);
        return [`${path}.${theirs}`, toTorch(kind, ours, value, path === "classifier")] as const;
      }),
    ),
  );
}

/** Instructions of a pickle that calls a Python function: `os.system("...")`. */
export function pickledCall(module: string, name: string, argument: string): Uint8Array {
  return Buffer.concat([
    Buffer.from(`\x80\x02c${module}\n${name}\n`, "latin1"),
    text(argument),
    Buffer.from("\x85R.", "latin1"),
  ]);
}

/** A file of torch.save with float32 tensors. */
export function torchFile(value: Picklable): Uint8Array {
  const { pickle, storages } = torchPickle(value);
  return torchArchive(pickle, storages);
}

/** The file's parts: its pickle, and the storages of its tensors in order of their keys. */
export function torchPickle(value: Picklable): { pickle: Uint8Array; storages: readonly Uint8Array[] } {
  const storages: Uint8Array[] = [];
  const body = pickled(value, storages);
  return { pickle: Buffer.concat([Buffer.from([0x80, 2]), body, Buffer.from(".")]), storages };
}

/** An archive of torch.save with any pickle. */
export function torchArchive(pickle: Uint8Array, storages: readonly Uint8Array[] = []): Uint8Array {
  const data = Object.fromEntries(storages.map((bytes, i) => [`archive/data/${i}`, bytes]));
  return zipSync(
    { "archive/data.pkl": pickle, ...data, "archive/version": Buffer.from("3\n") },
    { level: 0, mtime: "2000-01-01" },
  );
}

/** A file of torch.save before PyTorch 1.6. @param pickle replaces the value's pickle */
export function torchLegacyFile(value: Picklable, pickle?: Uint8Array): Uint8Array {
  const { pickle: own, storages } = torchPickle(value);
  const keys = torchPickle(storages.map((_, i) => String(i))).pickle;
  const counted = storages.flatMap((bytes) => [Buffer.from(BigInt64Array.of(BigInt(bytes.length / 4)).buffer), bytes]);
  return Buffer.concat([LEGACY_HEAD, pickle ?? own, keys, ...counted]);
}

/** A magic number, version 1001, and the machine's properties of torch 1.13. */
const LEGACY_HEAD = Buffer.concat([
  Buffer.from("80028a0a6cfc9c46f9206aa850192e80024de9032e", "hex"),
  torchPickle(new Map([["protocol_version", 1001]])).pickle,
]);

function pickled(value: Picklable, storages: Uint8Array[]): Buffer {
  if (value === null) return Buffer.from("N");
  if (typeof value === "number") return integer(value);
  if (typeof value === "string") return text(value);
  if (value instanceof Map) {
    const items = [...value].flatMap(([key, item]) => [text(key), pickled(item, storages)]);
    return Buffer.concat([Buffer.from("}("), ...items, Buffer.from("u")]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from("]("), ...value.map((item) => pickled(item, storages)), Buffer.from("e")]);
  }
  return tensor(value as Tensor, storages);
}

function tensor({ data, shape }: Tensor, storages: Uint8Array[]): Buffer {
  const key = String(storages.length);
  storages.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)));
  return Buffer.concat([
    Buffer.from("ctorch._utils\n_rebuild_tensor_v2\n(("),
    ...[text("storage"), Buffer.from("ctorch\nFloatStorage\n"), text(key), text("cpu"), integer(data.length)],
    Buffer.from("tQ"),
    ...[integer(0), tuple(shape), tuple(strides)],
    // requires_grad, without hooks.
    Buffer.from([0x89]),
    Buffer.from("ccollections\nOrderedDict\n)RtR"),
  ]);
}

const tuple = (numbers: readonly number[]) =>
  Buffer.concat([Buffer.from("("), ...numbers.map(integer), Buffer.from("t")]);

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5, "J");
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const header = Buffer.alloc(5, "X");
  header.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}
