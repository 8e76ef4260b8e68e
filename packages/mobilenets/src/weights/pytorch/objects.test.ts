import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import type { TensorData } from "../../tensor.ts";
import { unzip } from "../containers/zip.ts";
import { isLegacyFile } from "./detect.ts";
import { readLegacy } from "./legacy.ts";
import { type PickledTensor, TorchObjects } from "./objects.ts";
import { OpaqueClass, type PickleCallable, type PickleDict, type PickleValue, unpickle } from "./pickle.ts";

async function tiny(name: string): Promise<PickleDict> {
  const bytes = readFileSync(new URL(`../../../../../test/golden/torch/${name}.pth`, import.meta.url));
  const objects = new TorchObjects(name);
  if (isLegacyFile(bytes)) return readLegacy(bytes, name, bytes.length, objects) as PickleDict;
  const entries = await unzip(bytes, name, (entry) => !entry.endsWith("version"));
  const storages = new Map([...entries].map(([entry, data]) => [entry.replace(`${name}/data/`, ""), data]));
  const pickle = entries.get(`${name}/data.pkl`) as Uint8Array;
  const value = unpickle(pickle, name, objects) as PickleDict;
  objects.provide(storages);
  return value;
}

/** The tensors that torch_files.py puts into each file. */
const tensors: Readonly<Record<string, readonly [shape: readonly number[], data: TensorData]>> = {
  float: [[2, 2], Float32Array.of(1.5, -2, 0, 3e38)],
  half: [[2], Float32Array.of(0.5, -65504)],
  // torch prints this for -3e38 in bfloat16.
  bfloat16: [[2], Float32Array.of(1, -3.00405527e38)],
  double: [[2], Float64Array.of(0.1, 1e300)],
  long: [[2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  scalar: [[], Float32Array.of(7)],
  empty: [[2, 0, 3], new Float32Array()],
  offset: [[3], Float32Array.of(5, 6, 7)],
  transposed: [[4, 3], Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11)],
  strided: [[2, 3], Float32Array.of(0, 2, 4, 6, 8, 10)],
  channels_last: [[1, 2, 3, 4], Float32Array.from({ length: 24 }, (_, i) => i)],
};

const values = new Map<PickleValue, PickleValue>([
  ["int", [0, 255, 256, 65535, 65536, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, -(2 ** 40)]],
  ["float", 0.1],
  ["none", null],
  ["bools", [true, false]],
  ["tuples", [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]],
  ["text", "größe 模型"],
  ["size", [2, 3]],
  ["nested", new Map([["a", new Map([["b", [new Map()]]])]])],
  [3, "number"],
]);

for (const name of ["tiny", "tiny-protocol4", "tiny-legacy"]) {
  test(`reads what torch.save wrote: every dtype, views of storages, values of every kind (${name})`, async () => {
    const root = await tiny(name);
    assert.deepEqual(root.get("values"), values);
    const read = root.get("tensors") as PickleDict;
    assert.deepEqual([...read.keys()], Object.keys(tensors));
    for (const [key, [shape, data]] of Object.entries(tensors)) {
      const tensor = read.get(key) as PickledTensor;
      assert.deepEqual(tensor.shape, shape, key);
      assert.deepEqual(tensor.open()(), data, key);
    }
  });
}

const storages = new Map([["0", new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer)]]);
const objects = () => new TorchObjects("x.pth");
const storage = (host = objects(), count: PickleValue = 6, key: PickleValue = "0") =>
  host.persistent(["storage", host.global("torch", "FloatStorage"), key, "cpu", count]);

function rebuild(offset: PickleValue, size: PickleValue, stride: PickleValue, host = objects()): PickledTensor {
  const callable = host.global("torch._utils", "_rebuild_tensor_v2") as PickleCallable;
  const made = callable.call([storage(host), offset, size, stride, false, new Map()]) as PickledTensor;
  host.provide(storages);
  return made;
}

function refused(call: () => unknown, message: RegExp): void {
  assert.throws(call, (error: unknown) => error instanceof WeightsError && message.test(error.message), `${message}`);
}

test("what scripts keep beside the weights stays unread: calling it makes a mark", () => {
  for (const [module, name] of [
    ["argparse", "Namespace"],
    ["numpy.core.multiarray", "scalar"],
    ["pathlib", "PosixPath"],
    ["builtins", "set"],
    ["torch.optim.adamw", "AdamW"],
    ["torch", "QInt8Storage"],
  ]) {
    const made = (objects().global(module, name) as PickleCallable).call([["rm -rf /"]]);
    assert.deepEqual(Object.keys(made as object), [], `${module}.${name}`);
  }
  const host = objects();
  const quantised = host.persistent(["storage", host.global("torch", "QInt8Storage"), "9", "cpu", 4]);
  const tensor = host.global("torch._utils", "_rebuild_tensor_v2") as PickleCallable;
  assert.equal(tensor.call([quantised, 0, [4], [1], false, new Map()]), quantised);
});

test("a parameter is its tensor, a Counter its counts", () => {
  const host = objects();
  const tensor = rebuild(0, [6], [1], host);
  const call = (module: string, name: string, args: PickleValue[]) =>
    (host.global(module, name) as PickleCallable).call(args);
  assert.equal(call("torch._utils", "_rebuild_parameter", [tensor, true, new Map()]), tensor);
  refused(() => call("torch._utils", "_rebuild_parameter", [3, true]), /a parameter without a tensor/);
  assert.deepEqual(call("collections", "Counter", [new Map([["a", 1]])]), new Map([["a", 1]]));
  assert.deepEqual(call("collections", "defaultdict", [3]), new Map());
});

test("only the functions and types of tensors can be named", () => {
  for (const [module, name] of [
    ["os", "system"],
    ["posix", "system"],
    ["builtins", "eval"],
    ["torch", "load"],
    ["builtins", "exec"],
    ["subprocess", "Popen"],
    ["torch.hub", "load"],
    ["", "constructor"],
    ["torch", "__proto__"],
  ]) {
    refused(
      () => objects().global(module, name),
      /^x\.pth: a reference to Python's ".*", expected tensors, dicts, lists, numbers and texts only: save its state dict/,
    );
  }
});

test("classes of a script's own make marks, and an error for where nothing else is found", () => {
  for (const [module, name, message] of [
    ["torch.nn.modules.container", "Sequential", /whole pickled module/],
    ["torchvision.models.mobilenetv2", "MobileNetV2", /whole pickled module/],
    ["__main__", "Net", /whole pickled module.*torch\.save\(model\.state_dict\(\)/],
    ["configs.base", "Mode", /a reference to Python's "configs\.base\.Mode"/],
  ] as const) {
    const host = objects();
    assert.ok(host.foreign === undefined);
    const made = (host.global(module, name) as PickleCallable).call(["rm -rf /"]);
    assert.deepEqual(Object.keys(made as object), []);
    assert.match(String(host.foreign), message);
  }
});

test("a member of an enumeration makes a mark, attributes of anything else are refused", () => {
  for (const module of ["builtins", "__builtin__"]) {
    const host = objects();
    const attribute = host.global(module, "getattr") as PickleCallable;
    assert.ok(attribute.call([host.global("config", "Mode"), "TRAIN"]) instanceof OpaqueClass);
    refused(
      () => attribute.call([host.global("torch._utils", "_rebuild_tensor_v2"), "call"]),
      /an attribute of something other than a class/,
    );
    refused(() => attribute.call(["text", "upper"]), /an attribute of something other than a class/);
  }
});

test("a tensor with attributes is its tensor", () => {
  const host = objects();
  const rebuild = host.global("torch._utils", "_rebuild_tensor_v2");
  const typed = host.global("torch._tensor", "_rebuild_from_type_v2") as PickleCallable;
  const args = [storage(host), 1, [2], [1], false, new Map()];
  const made = typed.call([rebuild, new Map(), args, new Map()]) as PickledTensor;
  host.provide(storages);
  assert.deepEqual(made.open()(), Float32Array.of(1, 2));
  refused(() => typed.call([rebuild, null, 3]), /a tensor with wrong arguments/);
  refused(() => typed.call([null, null, []]), /a tensor with wrong arguments/);
});

test("a storage has the length that the pickle says, and is there", () => {
  const provided = (count: number, key = "0") => {
    const host = objects();
    storage(host, count, key);
    host.provide(storages);
  };
  refused(() => provided(5), /storage "0" of 24 bytes, expected 20, 5 of torch\.FloatStorage/);
  refused(() => provided(6, "1"), /no storage "1"/);
  refused(() => storage(objects(), 2 ** 60), /wrong arguments|something other than a storage/);
  refused(() => storage(objects(), -1), /something other than a storage/);
  const host = objects();
  assert.equal(storage(host), storage(host));
  refused(() => storage(host, 5), /storage "0" of two types or sizes/);
  const type = host.global("torch", "FloatStorage");
  assert.equal(host.persistent(["storage", type, "0", "cpu", 6, null]), storage(host));
  refused(() => host.persistent(["storage", type, "0", "cpu", 6, ["1", 0, 2]]), /a storage that is a view of another/);
  refused(() => objects().persistent("0"), /something other than a storage/);
  refused(() => objects().persistent(["module", null, "0", "cpu", 6]), /something other than a storage/);
});

test("a tensor lies within its storage, and holds no more than it", () => {
  assert.deepEqual(rebuild(2, [2, 2], [2, 1]).open()(), Float32Array.of(2, 3, 4, 5));
  assert.deepEqual(rebuild(0, [0, 1e9], [1, 1]).open()(), new Float32Array());
  refused(() => rebuild(3, [2, 2], [2, 1]), /a tensor of 4 elements up to 7 in a storage of 6/);
  refused(() => rebuild(0, [2], [2 ** 52]), /up to 4503599627370497 in a storage of 6/);
  refused(() => rebuild(0, [1e9], [0]), /a tensor of 1000000000 elements up to 1 in a storage of 6/);
  refused(() => rebuild(0, [2 ** 50, 2 ** 50], [0, 0]), /in a storage of 6/);
  refused(() => rebuild(0, [6], [1, 1]), /a tensor with 1 sizes and 2 strides, expected as many of both, at most 8/);
  refused(() => rebuild(0, Array(9).fill(1), Array(9).fill(1)), /a tensor with 9 sizes and 9 strides/);
  for (const [offset, size, stride] of [
    [-1, [1], [1]],
    [0, [-1], [1]],
    [0, [1], [-1]],
    [0, [1.5], [1]],
    [0, 6, [1]],
    [0, [null], [1]],
  ]) {
    refused(() => rebuild(offset, size, stride), /a tensor with wrong arguments/);
  }
  refused(
    () => (objects().global("torch._utils", "_rebuild_tensor_v2") as PickleCallable).call([]),
    /a tensor with wrong arguments/,
  );
});

test("tensors that share their memory give no more than four times the file", () => {
  const host = objects();
  const [four, two] = [rebuild(0, [4], [1], host), rebuild(0, [2], [1], host)];
  for (let i = 0; i < 4; i++) assert.equal(four.open()().length + two.open()().length, 6);
  refused(() => two.open()(), /tensors that share memory, expected at most 4 times the storages/);
  // A view that has to be gathered counts with its whole span.
  const gathered = rebuild(0, [2], [2]);
  for (let i = 0; i < 8; i++) gathered.open()();
  refused(() => gathered.open()(), /tensors that share memory, expected at most 4 times the storages/);
});

test("the other functions take what torch.save gives them", () => {
  const call = (name: [string, string], ...args: PickleValue[]) =>
    (objects().global(...name) as PickleCallable).call(args);
  assert.deepEqual(call(["collections", "OrderedDict"]), new Map());
  refused(() => call(["collections", "OrderedDict"], []), /an OrderedDict with arguments/);
  assert.deepEqual(call(["torch", "Size"], [2, 3]), [2, 3]);
  refused(() => call(["torch", "Size"], ["2"]), /a torch\.Size of something other than sizes/);
});
