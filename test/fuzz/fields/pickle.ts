import { below, chance, pick, type Rng, weighted } from "../dice.ts";
import { hostileName, hostileNumber } from "./hostile.ts";

/** An instruction of a pickle: its opcode and its argument, if it has one. */
export type Instruction = readonly [opcode: number, argument?: bigint | Uint8Array | readonly [string, string]];

/** Arguments in the file: bytes of an integer, bytes of a length before contents, or two lines of text. */
const INTEGERS: Readonly<Record<number, number>> = {
  128: 1,
  149: 8,
  75: 1,
  77: 2,
  74: 4,
  71: 8,
  113: 1,
  114: 4,
  104: 1,
  106: 4,
};
const CONTENTS: Readonly<Record<number, number>> = { 138: 1, 140: 1, 88: 4 };
const GLOBAL = 0x63;
const STOP = 0x2e;
/** BINPUT and BINGET, short and long: their argument is a memo number. */
const MEMO = [0x71, 0x72, 0x68, 0x6a];

/** The instructions and the length of the first pickle in valid bytes. */
export function disassemble(bytes: Uint8Array): { instructions: Instruction[]; end: number } {
  const instructions: Instruction[] = [];
  const integer = (at: number, size: number) =>
    bytes.subarray(at, at + size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  for (let at = 0; at < bytes.length; ) {
    const opcode = bytes[at++];
    if (INTEGERS[opcode]) {
      instructions.push([opcode, integer(at, INTEGERS[opcode])]);
      at += INTEGERS[opcode];
    } else if (CONTENTS[opcode]) {
      const start = at + CONTENTS[opcode];
      const end = start + Number(integer(at, CONTENTS[opcode]));
      instructions.push([opcode, bytes.slice(start, end)]);
      at = end;
    } else if (opcode === GLOBAL) {
      const middle = bytes.indexOf(0x0a, at);
      const end = bytes.indexOf(0x0a, middle + 1);
      const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
      instructions.push([opcode, [text(at, middle), text(middle + 1, end)]]);
      at = end + 1;
    } else {
      instructions.push([opcode]);
      if (opcode === STOP) return { instructions, end: at };
    }
  }
  throw new RangeError("a pickle that does not end");
}

/** @param lengths lengths by index of an instruction, instead of the contents' lengths */
export function assemble(instructions: readonly Instruction[], lengths: ReadonlyMap<number, bigint> = new Map()) {
  const parts = instructions.map(([opcode, argument], i): Uint8Array => {
    if (typeof argument === "bigint") return Uint8Array.of(opcode, ...littleEndian(argument, INTEGERS[opcode] ?? 0));
    if (argument instanceof Uint8Array) {
      const length = lengths.get(i) ?? BigInt(argument.length);
      return Buffer.concat([Uint8Array.of(opcode, ...littleEndian(length, CONTENTS[opcode] ?? 0)), argument]);
    }
    if (argument) return Buffer.from(`${String.fromCharCode(opcode)}${argument.map((line) => `${line}\n`).join("")}`);
    return Uint8Array.of(opcode);
  });
  return new Uint8Array(Buffer.concat(parts));
}

const littleEndian = (value: bigint, size: number) =>
  Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** MARK, EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, NONE, REDUCE, BUILD, BINPERSID, TUPLE, TUPLE1. */
const MAKERS = [0x28, 0x29, 0x5d, 0x7d, 0x4e, 0x52, 0x62, 0x51, 0x74, 0x85];

const globals: readonly (readonly [string, string])[] = [
  ["os", "system"],
  ["builtins", "eval"],
  ["__builtin__", "exec"],
  ["subprocess", "Popen"],
  ["torch", "load"],
  ["torch", "FloatStorage"],
  ["torch", "HalfStorage"],
  ["torch", "DoubleStorage"],
  ["torch", "LongStorage"],
  ["torch", "BFloat16Storage"],
  ["torch", "Size"],
  ["torch._utils", "_rebuild_tensor_v2"],
  ["torch._utils", "_rebuild_parameter"],
  ["collections", "OrderedDict"],
  ["torch.nn.modules.conv", "Conv2d"],
  ["__proto__", "constructor"],
  ["", ""],
];

/** Changes one or more instructions of a pickle; `lengths` receives the wrong lengths to write. */
export function changePickle(code: Instruction[], lengths: Map<number, bigint>, rng: Rng): string {
  const i = below(rng, code.length);
  const [opcode, argument] = code[i];
  const replace = (instruction: Instruction, what: string) => {
    code[i] = instruction;
    return what;
  };
  const splice = (removed: number, added: readonly Instruction[], what: string) => {
    code.splice(i, removed, ...added);
    return what;
  };
  const random: Instruction = [below(rng, 256)];
  const made: Instruction = [pick(rng, MAKERS)];
  const changes: [number, () => string][] = [
    [1, () => splice(1, [], "left out")],
    [1, () => splice(0, [code[i]], "twice")],
    [1, () => splice(0, [made], "after one more")],
    [1, () => replace(pick(rng, code), "another of the file")],
    [1, () => replace(random, `now 0x${random[0].toString(16)}`)],
    [1, () => moved(code, i, rng)],
    [0.3, () => repeated(code, i, rng)],
  ];
  if (typeof argument === "bigint") changes.push([8, () => renumbered(code, i, argument, rng)]);
  if (argument instanceof Uint8Array) changes.push([5, () => renamed(code, lengths, i, argument, rng)]);
  const other = pick(rng, globals);
  if (Array.isArray(argument)) changes.push([6, () => replace([opcode, other], `now ${other.join(".")}`)]);
  return `instruction ${i} (0x${opcode.toString(16)}): ${weighted(rng, changes)()}`;
}

function moved(code: Instruction[], i: number, rng: Rng): string {
  const piece = code.slice(i, i + 1 + below(rng, 20));
  const at = below(rng, code.length);
  code.splice(at, chance(rng, 0.5) ? piece.length : 0, ...piece);
  return `it and ${piece.length - 1} more copied to ${at}`;
}

function repeated(code: Instruction[], i: number, rng: Rng): string {
  const piece = code.slice(i, i + 1 + below(rng, 4));
  const count = pick(rng, [10, 1000, 50_000]);
  // One by one, because there are too many for the arguments of a call.
  const rest = code.splice(i);
  for (let n = 0; n < count; n++) code.push(...piece);
  for (const instruction of rest) code.push(instruction);
  return `it and ${piece.length - 1} more ${count} times`;
}

function renumbered(code: Instruction[], i: number, before: bigint, rng: Rng): string {
  const [opcode] = code[i];
  const others = code.flatMap(([, value]) => (typeof value === "bigint" ? [value] : []));
  const hostile = hostileNumber(rng, Number(before));
  const number = Number.isFinite(hostile) ? BigInt(Math.trunc(hostile)) : -1n;
  const after = chance(rng, MEMO.includes(opcode) ? 0.7 : 0.2) ? pick(rng, others) : number;
  const isWide = opcode === 0x4a || opcode === 0x4b || opcode === 0x4d;
  // A number that does not fit becomes a LONG1 of 8 bytes.
  if (isWide && chance(rng, 0.7)) code[i] = [0x8a, Uint8Array.from(littleEndian(after, 8))];
  else code[i] = [opcode, after];
  if (chance(rng, 0.3)) {
    // Changes the same number everywhere: sizes with their strides, counts with their tensors.
    for (let j = 0; j < code.length; j++) if (code[j][0] === opcode && code[j][1] === before) code[j] = code[i];
    return `${before} becomes ${after} everywhere`;
  }
  return `${before} becomes ${after}`;
}

function renamed(code: Instruction[], lengths: Map<number, bigint>, i: number, before: Uint8Array, rng: Rng): string {
  const [opcode] = code[i];
  if (chance(rng, 0.2)) {
    lengths.set(i, BigInt(pick(rng, [0, before.length + 1, before.length - 1, 255, 2 ** 31, 2 ** 32 - 1])));
    return `of length ${lengths.get(i)}`;
  }
  const others = code.flatMap(([, value]) => (value instanceof Uint8Array ? [value] : []));
  const bytes = chance(rng, 0.4) ? pick(rng, others) : new TextEncoder().encode(hostileName(rng));
  const broken = chance(rng, 0.1) ? Uint8Array.of(0xff, 0xfe, ...bytes.subarray(0, 100)) : bytes;
  code[i] = [opcode, opcode === 0x58 ? broken : broken.subarray(0, 255)];
  return `now ${JSON.stringify(new TextDecoder().decode(broken.subarray(0, 60)))}`;
}
