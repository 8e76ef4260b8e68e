/** Types of WebAssembly's values. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** An operand of an instruction: code, a number such as a lane's, or the lanes of a shuffle. */
type Operand = string | number | readonly number[];
type Instruction = (...operands: readonly Operand[]) => string;

/** Text of statements, one after the other. */
export const code = (...parts: readonly (string | readonly string[])[]): string => parts.flat().join("\n");

/** Code for every i below n. Loops that are written with it are unrolled. */
export const times = (n: number, statement: (i: number) => string): string =>
  code(Array.from({ length: n }, (_, i) => statement(i)));

const write = (name: string, operands: readonly Operand[]) => `(${[name, ...operands.flat()].join(" ")})`;
const at = (offset: number) => (offset === 0 ? [] : [`offset=${offset}`]);

/** Instructions of a type by WebAssembly's names; operands have the order of its text format. */
function named<const Name extends string>(type: string, names: readonly Name[]): Readonly<Record<Name, Instruction>> {
  const entries = names.map((name) => [name, (...operands: readonly Operand[]) => write(`${type}.${name}`, operands)]);
  return Object.fromEntries(entries);
}

type Load = (address: string, offset?: number) => string;
type Store = (address: string, value: string, offset?: number) => string;

/** Loads of a type: the offset is in bytes. */
function loads<const Name extends string>(type: string, names: readonly Name[]): Readonly<Record<Name, Load>> {
  const load =
    (name: Name): Load =>
    (address, offset = 0) =>
      write(`${type}.${name}`, [...at(offset), address]);
  return Object.fromEntries(names.map((name) => [name, load(name)])) as Record<Name, Load>;
}

function stores<const Name extends string>(type: string, names: readonly Name[]): Readonly<Record<Name, Store>> {
  const store =
    (name: Name): Store =>
    (address, value, offset = 0) =>
      write(`${type}.${name}`, [...at(offset), address, value]);
  return Object.fromEntries(names.map((name) => [name, store(name)])) as Record<Name, Store>;
}

const literal = (x: number | string) => (typeof x === "number" ? String(x).replace("Infinity", "inf") : x);
const constant = (type: ValueType) => (x: number | string) => write(`${type}.const`, [literal(x)]);

/** A constant vector from all its lanes, or from one number for all. */
const vector =
  (shape: string, lanes: number) =>
  (...values: readonly (number | string)[]) => {
    const all = values.length === 1 ? Array.from({ length: lanes }, () => values[0]) : values;
    return write("v128.const", [shape, ...all.map(literal)]);
  };

const comparisons = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const;
const floatComparisons = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
const floats = ["add", "sub", "mul", "div", "min", "max", "abs", "neg", "sqrt", "floor", "nearest"] as const;
const bits = ["and", "or", "xor", "shl", "shr_s", "shr_u", "clz", "ctz"] as const;

/** `i32(4)` is a constant, and `i32.div_u(a, b)` is an instruction; so for the other types. */
export const i32 = Object.assign(
  constant("i32"),
  named("i32", ["add", "sub", "mul", "div_s", "div_u", "rem_u", "eqz", ...bits, ...comparisons]),
  named("i32", ["wrap_i64", "trunc_f32_s", "trunc_f32_u"]),
  loads("i32", ["load", "load8_u"]),
  stores("i32", ["store", "store8", "store16"]),
);

/** Short names for the arithmetic of addresses and counters. */
export const { add, sub, mul } = i32;

export const i64 = Object.assign(
  constant("i64"),
  named("i64", [...bits, "extend_i32_u"]),
  loads("i64", ["load", "load32_u"]),
  stores("i64", ["store"]),
);

export const f32 = Object.assign(
  constant("f32"),
  named("f32", [...floats, ...floatComparisons, "convert_i32_s", "convert_i32_u", "demote_f64"]),
  loads("f32", ["load"]),
  stores("f32", ["store"]),
);

export const f64 = Object.assign(
  constant("f64"),
  named("f64", [...floats, "convert_i32_u", "promote_f32"]),
  loads("f64", ["load"]),
  stores("f64", ["store"]),
);

const splatLoads = ["load8_splat", "load16_splat", "load32_splat", "load64_splat"] as const;
const wideningLoads = ["load8x8_s", "load8x8_u", "load16x4_s", "load16x4_u"] as const;

export const v128 = {
  ...named("v128", ["and", "or", "xor", "not", "bitselect", "any_true"]),
  ...loads("v128", ["load", "load32_zero", "load64_zero", ...splatLoads, ...wideningLoads]),
  ...stores("v128", ["store"]),
  store32_lane: storeLane("store32_lane"),
  store64_lane: storeLane("store64_lane"),
};

/** Stores one lane of a vector. */
function storeLane(name: string) {
  return (lane: number, address: string, value: string, offset = 0) =>
    write(`v128.${name}`, [...at(offset), lane, address, value]);
}

export const f32x4 = Object.assign(
  vector("f32x4", 4),
  named("f32x4", [...floats, ...floatComparisons, "pmin", "pmax", "splat", "extract_lane"]),
  named("f32x4", ["relaxed_madd", "demote_f64x2_zero", "convert_i32x4_s"]),
);

export const f64x2 = Object.assign(
  vector("f64x2", 2),
  named("f64x2", ["add", "sub", "mul", "div", "splat", "extract_lane", "promote_low_f32x4", "convert_low_i32x4_s"]),
);

const integers = ["add", "sub", "shl", "shr_s", "shr_u", "eq", "splat", "bitmask", "all_true"] as const;

export const i64x2 = Object.assign(vector("i64x2", 2), named("i64x2", ["extract_lane"]));

export const i32x4 = Object.assign(
  vector("i32x4", 4),
  named("i32x4", [...integers, "ge_s", "extract_lane", "dot_i16x8_s", "trunc_sat_f32x4_s"]),
  named("i32x4", ["extend_low_i16x8_s", "extend_high_i16x8_s", "extend_low_i16x8_u", "extend_high_i16x8_u"]),
);

export const i16x8 = Object.assign(
  vector("i16x8", 8),
  named("i16x8", [...integers, "q15mulr_sat_s", "narrow_i32x4_s", "narrow_i32x4_u"]),
  named("i16x8", ["extend_low_i8x16_u", "extend_high_i8x16_u"]),
);

export const i8x16 = Object.assign(
  vector("i8x16", 16),
  named("i8x16", ["eq", "bitmask", "shuffle", "swizzle", "extract_lane_u", "narrow_i16x8_s", "narrow_i16x8_u"]),
);

/** Atomic accesses to words of memory that threads share. */
export const atomic = {
  ...loads("i32.atomic", ["load"]),
  ...stores("i32.atomic", ["store"]),
  /** Adds to a word; gives the old value. */
  add: (address: string, value: string, offset = 0) => write("i32.atomic.rmw.add", [...at(offset), address, value]),
  /** Stores `value` if the word is `expected`; gives the old value. */
  cmpxchg: (address: string, expected: string, value: string) =>
    write("i32.atomic.rmw.cmpxchg", [address, expected, value]),
  /** Sleeps while a word is `expected`, at most `timeout` nanoseconds (an i64). */
  wait32: (address: string, expected: string, timeout: string, offset = 0) =>
    write("memory.atomic.wait32", [...at(offset), address, expected, timeout]),
};

export const memory = named("memory", ["fill", "copy"]);

// Locals need no declaration: `func` declares them.

export const get = (local: string) => `(local.get $${local})`;
export const set = (local: string, value: string) => `(local.set $${local} ${value})`;
/** Sets a local, and gives its value. */
export const tee = (local: string, value: string) => `(local.tee $${local} ${value})`;

/** `if`, which is a keyword of TypeScript. */
export const when = (condition: string, then: string, otherwise?: string) =>
  `(if ${condition} (then ${then})${otherwise === undefined ? "" : ` (else ${otherwise})`})`;

/** `if` with a value: computes only the chosen branch. */
export const either = (type: ValueType, condition: string, then: string, otherwise: string) =>
  `(if (result ${type}) ${condition} (then ${then}) (else ${otherwise}))`;

/** `select`: computes both values and gives one. */
export const select = (then: string, otherwise: string, condition: string) =>
  write("select", [then, otherwise, condition]);

export type Body = readonly (string | readonly string[])[];

/** `br` to its label leaves a block. */
export const block = (label: string, ...body: Body) => `(block $${label} ${code(...body)})`;
/** `br` to its label begins a loop's next turn. */
export const loop = (label: string, ...body: Body) => `(loop $${label} ${code(...body)})`;
export const br = (label: string) => `(br $${label})`;
export const br_if = (label: string, condition: string) => `(br_if $${label} ${condition})`;
/** `return`, which is a keyword of TypeScript. */
export const leave = (value = "") => `(return ${value})`;
export const drop = (value: string) => `(drop ${value})`;

/** Calls a function that has no result. */
export const call = (name: string, ...operands: readonly string[]) => `(call $${name} ${operands.join(" ")})`;
/** Calls a function of a table by its number. */
export const callByNumber = (type: string, number: string, ...operands: readonly string[]) =>
  `(call_indirect (type $${type}) ${operands.join(" ")} ${number})`;
/** Calls a function for its result; the comment tells `func` its type. */
export const callFor = (result: ValueType, name: string, ...operands: readonly string[]) =>
  `(call $${name} (;${result};) ${operands.join(" ")})`;
