import { add, code, either, f32, f64, get, i32, mul, set, when } from "../instructions.ts";
import { advance, argument, argumentsOf, kernel, type OperandOf, operandOf, share, whileBelow } from "../wat.ts";

type Name = "f32-normalize-rows" | "f32-normalize-rows-grad";

/** Sums are float64, number by number: rows are a head's few features. Threads share rows. */
function perRow<K extends Name>(name: K, operands: readonly OperandOf<K>[], body: string): string {
  const arg = argumentsOf<Name>(name);
  const startOf = (x: OperandOf<K>) => {
    const { at: first, step } = operandOf(name, x);
    return set(x, add(first, mul(get("from"), step)));
  };
  return kernel(
    name,
    set("gamma", arg("gamma")),
    set("length", arg("length")),
    set("count", f64.convert_i32_u(arg("count"))),
    share(arg("rows")),
    whileBelow("from", get("to"), operands.map(startOf), body, advance("from", i32(1))),
  );
}

const at = (base: string) => add(get(base), i32.shl(get("i"), i32(2)));
const value = (base: string) => f64.promote_f32(f32.load(at(base)));
const minus = (a: string, b: string) => f64.sub(a, b);
const times = (a: string, b: string) => f64.mul(a, b);
const grow = (sum: string, by: string) => set(sum, f64.add(get(sum), by));
const zero = f64(0);

const each = (name: Name, body: string) =>
  code(set("i", i32(0)), whileBelow("i", argument(name, "count"), body, advance("i", i32(1))));

/** Sets `$mean` and `$inverse` of the row at `$x`. */
const moments = (name: Name, x: string) => {
  const epsilon = f64.promote_f32(argument(name, "epsilon"));
  return code(
    set("mean", zero),
    set("squares", zero),
    when(
      i32.eqz(get("length")),
      code(each(name, grow("mean", value(x))), set("mean", f64.div(get("mean"), get("count")))),
    ),
    each(name, grow("squares", times(minus(value(x), get("mean")), minus(value(x), get("mean"))))),
    set(
      "squares",
      either(
        "f64",
        get("length"),
        f64.max(get("squares"), epsilon),
        f64.add(f64.div(get("squares"), get("count")), epsilon),
      ),
    ),
    set("inverse", f64.div(f64(1), f64.sqrt(get("squares")))),
  );
};

const or = (pointer: string, otherwise: number) => either("f64", get(pointer), value(pointer), f64(otherwise));
const normalized = (x: string) => times(minus(value(x), get("mean")), get("inverse"));
const store = (number: string) => f32.store(at("c"), f32.demote_f64(number));

function forward(): string {
  const name = "f32-normalize-rows";
  return perRow(
    name,
    ["a", "c"],
    code(
      set("beta", argument(name, "beta")),
      moments(name, "a"),
      each(name, store(f64.add(times(normalized("a"), or("gamma", 1)), or("beta", 0)))),
    ),
  );
}

/** inverse (d - mean(d) - y mean(d y)) with d = dy gamma and y the row normalised; see `normalize_rows_grad`. */
function backward(): string {
  const name = "f32-normalize-rows-grad";
  const d = times(value("a"), or("gamma", 1));
  return perRow(
    name,
    ["a", "b", "c"],
    code(
      moments(name, "b"),
      set("sum", zero),
      set("product", zero),
      each(name, code(grow("sum", d), grow("product", times(d, normalized("b"))))),
      when(
        get("length"),
        set("sum", zero),
        code(set("sum", f64.div(get("sum"), get("count"))), set("product", f64.div(get("product"), get("count")))),
      ),
      each(name, store(times(get("inverse"), minus(minus(d, get("sum")), times(normalized("b"), get("product")))))),
    ),
  );
}

export const normalize = () => [forward(), backward()].join("\n");
