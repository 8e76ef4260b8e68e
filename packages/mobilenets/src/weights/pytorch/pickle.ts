import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { opcodeName } from "./opcodes.ts";

/** A value in a pickle. Lists and tuples are arrays, dicts are Maps. */
export type PickleValue = null | boolean | number | string | readonly PickleValue[] | PickleDict | PickleObject;

/** A dict or OrderedDict, with keys in order of insertion. */
export type PickleDict = Map<PickleValue, PickleValue>;

/** An object or function of the host, which the unpickler only passes on. */
export abstract class PickleObject {}

/** A Python function or class that a pickle may call. */
export abstract class PickleCallable extends PickleObject {
  /** @throws WeightsError for arguments that do not fit */
  abstract call(args: readonly PickleValue[]): PickleValue;
}

/**
 * A placeholder for an object that a checkpoint keeps beside the weights, such as a script's arguments, a numpy number or
 * a path. Its content stays unread, and no code of its class runs.
 */
export class OpaqueObject extends PickleObject {}

/** A class or function of such objects; calling it makes a placeholder. */
export class OpaqueClass extends PickleCallable {
  call(): OpaqueObject {
    return new OpaqueObject();
  }
}

/** Resolves a pickle's external references. */
export interface PickleHost {
  /** A function or class. @throws WeightsError unless it is known to be harmless */
  global(module: string, name: string): PickleObject;
  /** The object of a persistent id. @throws WeightsError if there is none */
  persistent(id: PickleValue): PickleValue;
}

/** Most containers, far more than a MobileNet's checkpoint with optimizer needs; each may take 100 bytes or more. */
const MAX_CONTAINERS = 200_000;

/**
 * Builds the value of a pickle of protocol 2 to 5. A pickle is a program for a stack machine that can import and call
 * anything. This machine has only the instructions for plain data, and calls only functions of `host`. Time and memory are
 * proportional to the file: no instruction makes more than one value, and none recurses.
 *
 * @param where names the file in errors
 * @throws WeightsError for any other instruction, which it names, and for one that does not fit the stack
 */
export function unpickle(bytes: Uint8Array, where: string, host: PickleHost): PickleValue {
  return unpickleFirst(bytes, where, host).value;
}

/** Reads the first pickle of longer bytes, and returns its end too. Otherwise as `unpickle`. */
export function unpickleFirst(
  bytes: Uint8Array,
  where: string,
  host: PickleHost,
): { readonly value: PickleValue; readonly end: number } {
  return new Unpickler(bytes, where, host).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #host: PickleHost;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at the open marks. */
  readonly #marks: number[] = [];
  /** Memoised values by the pickle's numbers, which may be any. */
  readonly #memo = new Map<number, PickleValue>();
  #containers = 0;
  #at = 0;

  constructor(bytes: Uint8Array, where: string, host: PickleHost) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.#host = host;
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const opcode = this.#unsigned(1);
      if (opcode === 0x2e) return { value: this.#pop(), end: this.#at }; // STOP
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.#protocol(this.#unsigned(1));
        break;
      case 0x95: // FRAME: number of bytes for a streaming reader
        this.#take(8);
        break;
      case 0x4e: // NONE
        this.#stack.push(null);
        break;
      case 0x88: // NEWTRUE
        this.#stack.push(true);
        break;
      case 0x89: // NEWFALSE
        this.#stack.push(false);
        break;
      case 0x4b: // BININT1
        this.#stack.push(this.#unsigned(1));
        break;
      case 0x4d: // BININT2
        this.#stack.push(this.#unsigned(2));
        break;
      case 0x4a: // BININT
        this.#stack.push(this.#view.getInt32(this.#take(4), true));
        break;
      case 0x8a: // LONG1
        this.#stack.push(this.#long(this.#unsigned(1)));
        break;
      case 0x47: // BINFLOAT
        this.#stack.push(this.#view.getFloat64(this.#take(8)));
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#stack.push(this.#text(this.#unsigned(1)));
        break;
      case 0x58: // BINUNICODE
        this.#stack.push(this.#text(this.#unsigned(4)));
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.#stack.push(this.#made([]));
        break;
      case 0x7d: // EMPTY_DICT
        this.#stack.push(this.#made(new Map()));
        break;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        break;
      case 0x74: // TUPLE
        this.#stack.push(this.#made(this.#toMark()));
        break;
      case 0x85: // TUPLE1, 2, 3
      case 0x86:
      case 0x87:
        this.#stack.push(this.#made(this.#popMany(opcode - 0x84)));
        break;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        break;
      case 0x65: // APPENDS
        this.#append(this.#toMark());
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#toMark());
        break;
      case 0x71: // BINPUT
        this.#memo.set(this.#unsigned(1), this.#top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#unsigned(4), this.#top());
        break;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        break;
      case 0x68: // BINGET
        this.#recall(this.#unsigned(1));
        break;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#unsigned(4));
        break;
      case 0x63: // GLOBAL
        this.#stack.push(this.#host.global(this.#line(), this.#line()));
        break;
      case 0x93: // STACK_GLOBAL
        this.#stackGlobal(this.#popMany(2));
        break;
      case 0x51: // BINPERSID
        this.#stack.push(this.#host.persistent(this.#pop()));
        break;
      case 0x52: // REDUCE
        this.#reduce(this.#popMany(2));
        break;
      case 0x81: // NEWOBJ
        this.#newObject(this.#popMany(2));
        break;
      case 0x43: // SHORT_BINBYTES
        this.#bytesOf(this.#unsigned(1));
        break;
      case 0x42: // BINBYTES
        this.#bytesOf(this.#unsigned(4));
        break;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#bytesOf(this.#unsigned(4) + 2 ** 32 * this.#unsigned(4));
        break;
      case 0x91: // FROZENSET
        this.#toMark();
        this.#stack.push(new OpaqueObject());
        break;
      case 0x92: // NEWOBJ_EX: with keyword arguments
        this.#newObject(this.#popMany(3));
        break;
      case 0x8b: // LONG4
        this.#stack.push(this.#long(this.#unsigned(4)));
        break;
      case 0x8f: // EMPTY_SET
        this.#stack.push(new OpaqueObject());
        break;
      case 0x90: // ADDITEMS
        this.#append(this.#toMark());
        break;
      case 0x62: // BUILD
        this.#build(this.#pop());
        break;
      default:
        throw new WeightsError({
          where: this.#where,
          found: `the pickle instruction ${opcodeName(opcode)} at byte ${this.#at - 1}`,
          expected: "those of plain data and tensors",
          hint: 'save only the state dict: torch.save(model.state_dict(), "model.pth")',
        });
    }
  }

  #protocol(version: number): void {
    if (version < 2 || version > 5) throw this.#broken(`pickle protocol ${version}, expected 2 to 5`);
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (list instanceof OpaqueObject) return;
    if (!Array.isArray(list)) throw this.#broken("an APPEND to something other than a list");
    for (const value of values) list.push(value);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (dict instanceof OpaqueObject) return;
    if (!(dict instanceof Map) || items.length % 2 === 1)
      throw this.#broken("a SETITEM of something other than a dict");
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  #stackGlobal([module, name]: readonly PickleValue[]): void {
    if (typeof module !== "string" || typeof name !== "string") throw this.#broken("a global without a name");
    this.#stack.push(this.#host.global(module, name));
  }

  #reduce([callable, args]: readonly PickleValue[]): void {
    if (!(callable instanceof PickleCallable) || !Array.isArray(args))
      throw this.#broken("a REDUCE of something other than a function and arguments");
    const result = callable.call(args);
    this.#stack.push(result instanceof Map ? this.#made(result) : result);
  }

  /** Makes an object of an unread class; for other classes a pickle calls them. */
  #newObject([made]: readonly PickleValue[]): void {
    if (!(made instanceof OpaqueClass)) throw this.#broken("a new object of a class that is not for weights");
    this.#stack.push(made.call());
  }

  /** Skips bytes, which only belong to unread objects. */
  #bytesOf(length: number): void {
    this.#take(length);
    this.#stack.push(new OpaqueObject());
  }

  /** Sets attributes of an object. A state dict (an OrderedDict) has one: the versions of its modules. */
  #build(state: PickleValue): void {
    if (this.#top() instanceof OpaqueObject) return;
    if (!(this.#top() instanceof Map) || !(state instanceof Map))
      throw this.#broken("a BUILD of something other than two dicts");
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#broken(`a reference to value ${index}, which is not there`);
    this.#stack.push(value);
  }

  #made<T extends PickleValue>(container: T): T {
    if (++this.#containers > MAX_CONTAINERS) throw this.#broken(`more than ${MAX_CONTAINERS} lists, tuples and dicts`);
    return container;
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#broken("an instruction without its operand");
    return this.#stack[this.#stack.length - 1];
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) {
      throw this.#broken("an instruction without its operands");
    }
    return this.#stack.splice(-count);
  }

  #toMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#broken("an instruction without its mark");
    return this.#stack.splice(mark);
  }

  /**
   * Reads a little-endian two's complement integer; sizes and counts are far below 2^53. Integers of more than 8 bytes, such
   * as the state of a random generator, are not needed.
   */
  #long(length: number): PickleValue {
    if (length > 8) {
      this.#take(length);
      return new OpaqueObject();
    }
    let value = 0n;
    const start = this.#take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #text(length: number): string {
    const start = this.#take(length);
    return this.#decode(start, start + length);
  }

  /** Reads ASCII text up to the end of a line. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#broken("a name that does not end");
    const start = this.#take(end + 1 - this.#at);
    return this.#decode(start, end);
  }

  #decode(start: number, end: number): string {
    try {
      // A copy, because TextDecoder refuses shared memory.
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes.slice(start, end));
    } catch {
      throw this.#broken("a text that is not UTF-8");
    }
  }

  #unsigned(bytes: 1 | 2 | 4): number {
    const at = this.#take(bytes);
    if (bytes === 1) return this.#bytes[at];
    return bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** Skips some bytes, and returns their start. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw new WeightsError({
        where: this.#where,
        found: `a pickle that ends at byte ${this.#bytes.length}, within an instruction`,
        hint: "is the file complete?",
      });
    }
    this.#at = at + length;
    return at;
  }

  #broken(what: string): WeightsError {
    return new WeightsError({
      where: this.#where,
      found: `${what} (before byte ${this.#at})`,
      hint: "is the file damaged?",
    });
  }
}

/** A value for an error message, without its content, which may contain itself. */
export function showPickled(value: PickleValue | undefined): string {
  if (value instanceof Map) return "a dict";
  if (Array.isArray(value)) return "a list";
  return value instanceof PickleObject ? "an object" : show(value);
}
