import { code, type ValueType } from "./instructions.ts";

export type Parameter = readonly [name: string, type: ValueType];

interface Head {
  /** Name for calls from other functions of the module. */
  readonly name?: string;
  /** Name for calls from JavaScript. */
  readonly exported?: string;
  readonly params: readonly Parameter[];
  readonly result?: ValueType;
  /** Locals that are never set, so they are 0: cheaper than a vector literal of zeros, which V8 builds at each use. */
  readonly zeros?: readonly Parameter[];
}

/** Parameters of one type. */
export const params = (type: ValueType, ...names: readonly string[]): readonly Parameter[] =>
  names.map((name) => [name, type]);

/**
 * The text of a function. It declares the locals that its body sets, with the types of their values, grouped by type.
 * @throws Error for a local that is read but never set, or set to values of two types
 */
export function func(
  { name, exported, params, result, zeros = [] }: Head,
  ...body: readonly (string | readonly string[])[]
): string {
  const text = code(...body);
  const types = localsOf(text, [...params, ...zeros], name ?? exported ?? "a function");
  const own = [...types].slice(params.length);
  const inOrder = [...own].sort(([a], [b]) => placeOf(a) - placeOf(b));
  const locals = order.flatMap((type) =>
    inOrder.flatMap(([local, other]) => (other === type ? [`(local $${local} ${type})`] : [])),
  );
  const head = [
    ...(name === undefined ? [] : [`$${name}`]),
    ...(exported === undefined ? [] : [`(export "${exported}")`]),
    ...params.map(([param, type]) => `(param $${param} ${type})`),
    ...(result === undefined ? [] : [`(result ${result})`]),
    ...locals,
  ];
  return `(func ${head.join(" ")}\n${text})`;
}

/** Order of local types: the binary format names a run of equal types once. */
const order: readonly ValueType[] = ["i32", "i64", "f32", "f64", "v128"];

/** Locals of the helpers in `wat.ts`. */
const common = ["from", "to", "total", "i", "a", "c", "image", "row", "act"];

/**
 * Common locals come first, and numbered ones (`acc00`, `acc01`, ...) last, because variants of a function have more or
 * fewer of them: common code then has the same bytes, which compress better.
 */
function placeOf(local: string): number {
  const place = common.indexOf(local);
  if (place >= 0) return place;
  return /\d$/.test(local) ? common.length + 1 : common.length;
}

/** The types of a function's parameters and locals, in the order in which the text sets them. */
function localsOf(text: string, params: readonly Parameter[], where: string): ReadonlyMap<string, ValueType> {
  const values = [...text.matchAll(/\(local\.(?:set|tee) \$(\S+) /g)].map((match) => ({
    local: match[1],
    value: text.slice(match.index + match[0].length),
  }));
  const types = new Map<string, ValueType>(params);
  // A local that is set to another local gets its type when the other has one.
  for (let known = -1; known < types.size; ) {
    known = types.size;
    for (const { local, value } of values) {
      const type = typeOf(value, types);
      if (type !== undefined && !types.has(local)) types.set(local, type);
      if (type !== undefined && types.get(local) !== type) {
        throw new Error(`${where}: $${local} is ${types.get(local)}, and is set to ${type}`);
      }
    }
  }
  const inOrder = [...params.map(([param]) => param), ...values.map(({ local }) => local)];
  for (const [, local] of text.matchAll(/\(local\.get \$([^\s)]+)\)/g)) {
    if (!types.has(local)) throw new Error(`${where}: $${local} is read, and nothing says what it is set to`);
  }
  return new Map(
    [...new Set(inOrder)].flatMap((local) => {
      const type = types.get(local);
      return type === undefined ? [] : [[local, type]];
    }),
  );
}

/** The scalar type of a vector's extracted lanes. */
const lanes: Readonly<Record<string, ValueType>> = {
  i8x16: "i32",
  i16x8: "i32",
  i32x4: "i32",
  i64x2: "i64",
  f32x4: "f32",
  f64x2: "f64",
};

/** The type of the expression at the start of a text; undefined if it depends on a local without a type so far. */
function typeOf(text: string, types: ReadonlyMap<string, ValueType>): ValueType | undefined {
  const [head = "", type = "", instruction = ""] = /^\(\s*(\w+)\.?([\w.]*)/.exec(text) ?? [];
  if (type === "local") return types.get(/\$([^\s)]+)/.exec(text)?.[1] ?? "");
  if (type === "select") return typeOf(text.slice(head.length).trimStart(), types);
  if (type === "call") return /^\(call \S+ \(;(\w+);\)/.exec(text)?.[1] as ValueType | undefined;
  if (type === "if") return /^\(if \(result (\w+)\)/.exec(text)?.[1] as ValueType | undefined;
  if (type === "memory" || /^(any_true|all_true|bitmask)$/.test(instruction)) return "i32";
  if (instruction.startsWith("extract_lane")) return lanes[type];
  if (type in lanes) return "v128";
  const compares = /^(eqz?|ne|lt|gt|le|ge)(_[su])?$/.test(instruction);
  return compares ? "i32" : (type as ValueType);
}
