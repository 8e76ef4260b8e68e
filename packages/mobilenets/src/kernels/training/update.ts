import { add, code, f32x4, get, i32, set, v128 } from "../instructions.ts";
import type { KernelField } from "../signatures.ts";
import { advance, argumentsOf, kernel, share, whileBelow } from "../wat.ts";

const load = (x: string) => v128.load(get(`at-${x}`));
const store = (x: string, value: string) => v128.store(get(`at-${x}`), value);
const plus = (a: string, b: string) => f32x4.add(a, b);
const times = (a: string, b: string) => f32x4.mul(a, b);
const over = (a: string, b: string) => f32x4.div(a, b);

/** Visits adjacent parameters, which threads share; `body` gets each stream's address. */
function flat<K extends "f32-sgd" | "f32-rmsprop" | "f32-adam" | "f32-average">(
  name: K,
  streams: readonly KernelField<K>[],
  scalars: readonly KernelField<K>[],
  body: string,
): string {
  const arg = argumentsOf(name);
  return kernel(
    name,
    scalars.map((x) => set(`k-${x}`, f32x4.splat(arg(x)))),
    share(arg("vectors"), 64),
    streams.map((x) => set(`at-${x}`, add(arg(x), i32.shl(get("from"), i32(4))))),
    whileBelow(
      "from",
      get("to"),
      body,
      streams.map((x) => advance(`at-${x}`, i32(16))),
      advance("from", i32(1)),
    ),
  );
}

const k = (x: string) => get(`k-${x}`);

/** The gradient that the optimiser uses: scaled (clipping, accumulation), plus weight decay. */
const gradient = set("v-g", plus(times(load("g"), k("scale")), times(load("w"), k("decay"))));
const descend = (step: string) => store("w", f32x4.sub(load("w"), times(k("rate"), step)));

/** m = momentum m + g; w -= rate (look m + now g), which is m, or g + momentum m with Nesterov. */
const sgd = () =>
  flat(
    "f32-sgd",
    ["w", "g", "m"],
    ["scale", "decay", "rate", "momentum", "look", "now"],
    code(
      gradient,
      set("v-m", plus(times(k("momentum"), load("m")), get("v-g"))),
      store("m", get("v-m")),
      descend(plus(times(k("look"), get("v-m")), times(k("now"), get("v-g")))),
    ),
  );

/** s = rho s + (1 - rho) g g; m = momentum m + g / sqrt(s + epsilon); w -= rate m */
const rmsprop = () =>
  flat(
    "f32-rmsprop",
    ["w", "g", "m", "s"],
    ["scale", "decay", "rate", "momentum", "rho", "rest", "epsilon"],
    code(
      gradient,
      set("v-s", plus(times(k("rho"), load("s")), times(k("rest"), times(get("v-g"), get("v-g"))))),
      store("s", get("v-s")),
      set("v-m", plus(times(k("momentum"), load("m")), over(get("v-g"), f32x4.sqrt(plus(get("v-s"), k("epsilon")))))),
      store("m", get("v-m")),
      descend(get("v-m")),
    ),
  );

/**
 * m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g g; w = keep w - rate m / (sqrt(s) root + epsilon). `rate` and
 * `root` include the bias corrections of the first steps; `keep` is below 1 for decoupled decay.
 */
const adam = () =>
  flat(
    "f32-adam",
    ["w", "g", "m", "s"],
    ["scale", "decay", "rate", "beta1", "rest1", "beta2", "rest2", "root", "epsilon", "keep"],
    code(
      gradient,
      set("v-m", plus(times(k("beta1"), load("m")), times(k("rest1"), get("v-g")))),
      store("m", get("v-m")),
      set("v-s", plus(times(k("beta2"), load("s")), times(k("rest2"), times(get("v-g"), get("v-g"))))),
      store("s", get("v-s")),
      store("w", times(k("keep"), load("w"))),
      descend(over(get("v-m"), plus(times(f32x4.sqrt(get("v-s")), k("root")), k("epsilon")))),
    ),
  );

/** m = keep m + (1 - keep) w: a moving average. */
const average = () =>
  flat(
    "f32-average",
    ["w", "m"],
    ["keep", "rest"],
    store("m", plus(times(k("keep"), load("m")), times(k("rest"), load("w")))),
  );

/** Functions that update all parameters. */
export const update = () => [sgd(), rmsprop(), adam(), average()].join("\n");
