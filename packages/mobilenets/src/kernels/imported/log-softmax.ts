import { add, callFor, code, f32, f32x4, f64, get, i32, mul, set } from "../instructions.ts";
import { advance, argumentsOf, kernel, type OperandOf, operandOf, share, whileBelow } from "../wat.ts";

type Name = "f32-log-softmax" | "f32-log-softmax-grad";

/** Number by number, as rows are a classifier's few results. Threads share rows. */
function perRow<K extends Name>(name: K, operands: readonly OperandOf<K>[], ...body: readonly string[]): string {
  const startOf = (x: OperandOf<K>) => {
    const { at: first, step } = operandOf(name, x);
    return set(x, add(first, mul(get("from"), step)));
  };
  return kernel(
    name,
    set("end", i32.shl(argumentsOf<Name>(name)("count"), i32(2))),
    share(argumentsOf<Name>(name)("rows")),
    whileBelow("from", get("to"), operands.map(startOf), body, advance("from", i32(1))),
  );
}

const at = (base: string) => add(get(base), get("i"));
const value = (base: string) => f32.load(at(base));
const each = (body: string) => code(set("i", i32(0)), whileBelow("i", get("end"), body, advance("i", i32(4))));
const of = (f: "exp" | "log", x: string) => f32x4.extract_lane(0, callFor("v128", f, f32x4.splat(x)));
const grow = (by: string) => set("sum", f64.add(get("sum"), f64.promote_f32(by)));
const wide = f64.promote_f32;

const beyond = f32.sub(value("a"), get("max"));

const forward = () =>
  perRow(
    "f32-log-softmax",
    ["a", "c"],
    set("max", f32(-Infinity)),
    each(set("max", f32.max(get("max"), value("a")))),
    set("sum", f64(0)),
    each(grow(of("exp", beyond))),
    set("log", of("log", f32.demote_f64(get("sum")))),
    each(f32.store(at("c"), f32.sub(beyond, get("log")))),
  );

/** a - e^b sum(a), where a is the gradient of the result b. */
const backward = () =>
  perRow(
    "f32-log-softmax-grad",
    ["a", "b", "c"],
    set("sum", f64(0)),
    each(grow(value("a"))),
    each(
      f32.store(at("c"), f32.demote_f64(f64.sub(wide(value("a")), f64.mul(wide(of("exp", value("b"))), get("sum"))))),
    ),
  );

export const logSoftmax = () => [forward(), backward()].join("\n");
