import { WeightsError } from "../../errors.ts";
import { sizeOf, type TensorData } from "../../tensor.ts";
import { DTYPES, type Dtype } from "../safetensors/dtype.ts";
import { gather, rowMajor } from "../transpose.ts";
import { isHarmful, isModule, isOpaque } from "./opaque.ts";
import {
  OpaqueClass,
  OpaqueObject,
  PickleCallable,
  type PickleHost,
  PickleObject,
  type PickleValue,
  showPickled,
} from "./pickle.ts";
import type { StateTensor } from "./state-dict.ts";

/** Most dimensions of a tensor. PyTorch allows 64; a convolution's weight has 4. */
const MAX_RANK = 8;

/** How many times the storages' bytes may be read: tensors that share memory could otherwise multiply the file's size. */
const SHARING = 4;

/** The bytes of storages by key. Each has its own memory, so it is aligned. */
export type Storages = ReadonlyMap<string, Uint8Array>;

const storageTypes: Readonly<Record<string, string>> = {
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.DoubleStorage": "F64",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "U8",
};

/**
 * The objects that a pickled state dict may refer to: functions that rebuild tensors, and storages. Tensors can be read
 * after `provide` gets the storages' bytes, which follow the pickle in some files.
 */
export class TorchObjects implements PickleHost {
  readonly #where: string;
  readonly #objects: ReadonlyMap<string, PickleObject>;
  /** Storages that the pickle refers to, by key. */
  readonly #storages = new Map<string, Storage>();
  /** Bytes that may still be read. */
  #budget = 0;
  #foreign: WeightsError | undefined;

  /** @param where names the file in errors */
  constructor(where: string) {
    this.#where = where;
    this.#objects = new Map<string, PickleObject>([
      ["torch._utils._rebuild_tensor_v2", new Callable((args) => this.#rebuild(args))],
      ["collections.OrderedDict", new Callable((args) => this.#orderedDict(args))],
      ["torch._utils._rebuild_parameter", new Callable(([data]) => this.#rebuilt(data))],
      ["torch._utils._rebuild_parameter_with_state", new Callable(([data]) => this.#rebuilt(data))],
      ["torch._tensor._rebuild_from_type_v2", new Callable(([rebuild, , args]) => this.#rebuiltBy(rebuild, args))],
      ["collections.defaultdict", new Callable(() => new Map())],
      ["collections.Counter", new Callable(([counts]) => (counts instanceof Map ? counts : new Map()))],
      ["builtins.getattr", new Callable((args) => this.#attribute(args))],
      ["__builtin__.getattr", new Callable((args) => this.#attribute(args))],
      ["torch.Size", new Callable((args) => this.#size(args))],
      ...Object.entries(storageTypes).map(
        ([name, dtype]) => [name, new StorageType(name, DTYPES.get(dtype) as Dtype)] as const,
      ),
    ]);
  }

  global(module: string, name: string): PickleObject {
    const path = `${module}.${name}`;
    const object = this.#objects.get(path);
    if (object) return object;
    if (isOpaque(path)) return new OpaqueClass();
    const whole = isModule(path) ? "this is a whole pickled module, which only its own code can load; " : "";
    const error = new WeightsError({
      where: this.#where,
      found: `a reference to Python's ${showPickled(path.slice(0, 100))}`,
      expected: "tensors, dicts, lists, numbers and texts only",
      hint: `${whole}save its state dict: torch.save(model.state_dict(), "model.pth")`,
    });
    if (isHarmful(module)) throw error;
    // A class of the training script. A state dict beside such objects does not need them.
    this.#foreign ??= error;
    return new OpaqueClass();
  }

  /** The error for the first class that only its own code can load. Its objects stay unread. */
  get foreign(): WeightsError | undefined {
    return this.#foreign;
  }

  /**
   * `("storage", <type>, <key>, <device>, <number of elements>[, None])`. The last item could be a view of another storage
   * before PyTorch 0.4.
   */
  persistent(id: PickleValue): PickleValue {
    const [kind, type, key, , count, view] = Array.isArray(id) ? id : [];
    // A storage of quantised numbers: its tensors stay unread too.
    if (kind === "storage" && type instanceof OpaqueClass) return new OpaqueObject();
    if (kind !== "storage" || !(type instanceof StorageType) || typeof key !== "string" || !isSize(count)) {
      throw this.#broken("a reference to something other than a storage");
    }
    if (view !== undefined && view !== null) throw this.#broken("a storage that is a view of another");
    const storage = this.#storages.get(key) ?? new Storage(type, count);
    if (storage.type !== type || storage.count !== count)
      throw this.#broken(`storage ${showPickled(key)} of two types or sizes`);
    this.#storages.set(key, storage);
    return storage;
  }

  /** Size of a storage that the pickle refers to; undefined for other storages. */
  sizeOf(key: string): { readonly count: number; readonly bytes: number } | undefined {
    const storage = this.#storages.get(key);
    return storage && { count: storage.count, bytes: storage.count * storage.type.dtype.bytes };
  }

  /**
   * Fills the storages that the pickle refers to.
   * @throws WeightsError if one is missing, or does not have the length that the pickle gives
   */
  provide(storages: Storages): void {
    this.#budget = 0;
    for (const [key, storage] of this.#storages) {
      const { type, count } = storage;
      const bytes = storages.get(key);
      if (!bytes) throw this.#broken(`no storage ${showPickled(key)}`);
      const expected = count * type.dtype.bytes;
      if (bytes.length !== expected) {
        const found = `storage ${showPickled(key)} of ${bytes.length} bytes`;
        throw this.#broken(found, `${expected}, ${count} of ${type.name}`);
      }
      storage.bytes = bytes;
      this.#budget += SHARING * expected;
    }
  }

  /** `(storage, offset, size, stride, requires_grad, hooks[, metadata])`, offset and strides in elements. */
  #rebuild([storage, offset, size, stride]: readonly PickleValue[]): PickleValue {
    if (storage instanceof OpaqueObject) return storage;
    if (!(storage instanceof Storage) || !isSize(offset) || !isSizes(size) || !isSizes(stride)) {
      throw this.#broken("a tensor with wrong arguments");
    }
    if (size.length !== stride.length || size.length > MAX_RANK) {
      const found = `a tensor with ${size.length} sizes and ${stride.length} strides`;
      throw this.#broken(found, `as many of both, at most ${MAX_RANK}`);
    }
    const count = sizeOf(size);
    const end = count === 0 ? 0 : size.reduce((at, n, i) => at + (n - 1) * stride[i], offset + 1);
    // An expanded tensor repeats its elements; only a forged file has such weights.
    if (!(end <= storage.count && count <= storage.count)) {
      throw this.#broken(`a tensor of ${count} elements up to ${end} in a storage of ${storage.count}`);
    }
    const spend = (bytes: number) => {
      this.#budget -= bytes;
      if (this.#budget < 0) throw this.#broken("tensors that share memory", `at most ${SHARING} times the storages`);
    };
    return new PickledTensor(storage, offset, [...size], [...stride], spend);
  }

  /** The tensor of a parameter. */
  #rebuilt(data: PickleValue | undefined): PickleValue {
    if (data instanceof PickledTensor || data instanceof OpaqueObject) return data;
    throw this.#broken("a parameter without a tensor");
  }

  /** `(function, type, arguments, attributes)`: a tensor with attributes, or of a subclass. */
  #rebuiltBy(rebuild: PickleValue, args: PickleValue): PickleValue {
    if (rebuild instanceof PickleCallable && Array.isArray(args)) return this.#rebuilt(rebuild.call(args));
    throw this.#broken("a tensor with wrong arguments");
  }

  /** An attribute of a class whose objects stay unread: Python pickles a member of an enumeration so. */
  #attribute([owner, name]: readonly PickleValue[]): PickleValue {
    if (owner instanceof OpaqueClass && typeof name === "string") return new OpaqueClass();
    throw this.#broken("an attribute of something other than a class");
  }

  #orderedDict(args: readonly PickleValue[]): PickleValue {
    if (args.length > 0) throw this.#broken("an OrderedDict with arguments");
    return new Map();
  }

  #size([sizes]: readonly PickleValue[]): PickleValue {
    if (!isSizes(sizes)) throw this.#broken("a torch.Size of something other than sizes");
    return sizes;
  }

  #broken(found: string, expected?: string): WeightsError {
    return new WeightsError({ where: this.#where, found, expected, hint: "is the file damaged?" });
  }
}

class Callable extends PickleCallable {
  readonly call: PickleCallable["call"];

  constructor(call: PickleCallable["call"]) {
    super();
    this.call = call;
  }
}

class StorageType extends PickleObject {
  readonly name: string;
  readonly dtype: Dtype;

  constructor(name: string, dtype: Dtype) {
    super();
    this.name = name;
    this.dtype = dtype;
  }
}

class Storage extends PickleObject {
  readonly type: StorageType;
  /** Number of elements. */
  readonly count: number;
  bytes: Uint8Array = new Uint8Array();

  constructor(type: StorageType, count: number) {
    super();
    this.type = type;
    this.count = count;
  }
}

/** A view of a storage. */
export class PickledTensor extends PickleObject implements StateTensor {
  readonly shape: readonly number[];
  readonly #storage: Storage;
  readonly #offset: number;
  readonly #strides: readonly number[];
  readonly #spend: (bytes: number) => void;

  constructor(
    storage: Storage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    spend: (bytes: number) => void,
  ) {
    super();
    this.#storage = storage;
    this.#offset = offset;
    this.shape = shape;
    this.#strides = strides;
    this.#spend = spend;
  }

  get widens(): boolean {
    return this.#storage.type.dtype.widens;
  }

  open(): () => TensorData {
    const { bytes, type } = this.#storage;
    const { dtype } = type;
    const { buffer, byteOffset } = bytes;
    const size = sizeOf(this.shape);
    const inOrder = rowMajor(this.shape);
    // A dimension of size 1 may have any stride.
    if (this.#strides.every((stride, i) => stride === inOrder[i] || this.shape[i] === 1)) {
      this.#spend(size * dtype.bytes);
      return () => dtype.view(buffer, byteOffset + this.#offset * dtype.bytes, size);
    }
    if (size === 0) return () => dtype.view(buffer, byteOffset, 0);
    const span = this.shape.reduce((end, n, i) => end + (n - 1) * this.#strides[i], 1);
    this.#spend(Math.max(span, size) * dtype.bytes);
    return () => {
      const all = dtype.view(buffer, byteOffset + this.#offset * dtype.bytes, span);
      // Integers are no weights: a reader that expects weights refuses them.
      if (!(all instanceof Float32Array || all instanceof Float64Array)) return all;
      return gather(Float32Array.from(all), this.shape, this.#strides, 0);
    };
  }
}

function isSize(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize);
}
