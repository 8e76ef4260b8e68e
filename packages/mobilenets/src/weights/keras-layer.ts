import { WeightsError } from "../errors.ts";
import { type Activation, activationNames } from "../graph/activations.ts";
import { show } from "../show.ts";
import { asName, asObject, type JsonObject } from "./json.ts";

/** Options of every layer that change nothing at inference, or that `keras-config.ts` reads. */
const NO_EFFECT =
  /^(name|trainable|dtype|seed|noise_shape|sparse|ragged|batch_(input_)?shape|renorm_momentum|.+_(initializer|regularizer|constraint))$/;

/**
 * One layer of a Keras config, with checked access to its options. An option that nobody read may still change the
 * result, so `finish()` refuses it. Every error names the layer.
 */
export class KerasLayer {
  readonly className: string;
  readonly name: string;
  /** The whole entry: nested models keep their layers in `config`, functional models `inbound_nodes` beside it. */
  readonly json: JsonObject;
  readonly config: JsonObject;
  readonly #where: string;
  readonly #read = new Set<string>();

  /** @param where names the file */
  constructor(json: unknown, where: string) {
    this.json = asObject(json, where, "a layer");
    this.className = asName(this.json.class_name, where, "a layer's class_name");
    this.config = asObject(this.json.config, where, `config of a ${this.className}`);
    this.name = asName(this.json.name ?? this.config.name, where, `name of a ${this.className}`);
    this.#where = `${where}: ${this.name}`;
  }

  refuse(found: string, expected?: string, hint?: string): never {
    throw new WeightsError({ where: this.#where, found, expected, hint });
  }

  /** An option whose value must be one of `accepted`; the first of them where the config leaves it out. */
  one<const T>(key: string, ...accepted: readonly T[]): T {
    const value = this.#take(key);
    if (value === undefined) return accepted[0];
    const found = accepted.findIndex((a) => JSON.stringify(a) === JSON.stringify(value));
    if (found >= 0) return accepted[found];
    return this.#refuseValue(key, value, accepted.map((a) => JSON.stringify(a)).join(" or "));
  }

  number(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    return typeof value === "number" ? value : this.#refuseValue(key, value, "a number");
  }

  /** A whole number, 1 or more. */
  count(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    return isCount(value) ? value : this.#refuseValue(key, value, "a whole number from 1 up");
  }

  /** `[height, width]`, each 1 or more. */
  pair(key: string, fallback?: readonly [number, number]): readonly [number, number] {
    const value = this.#take(key) ?? fallback;
    if (Array.isArray(value) && value.length === 2 && value.every(isCount)) return [value[0], value[1]];
    return this.#refuseValue(key, value, "two whole numbers from 1 up");
  }

  /** A list such as `[1, 1, 1024]`. */
  integers(key: string): readonly number[] {
    const value = this.#take(key);
    if (Array.isArray(value) && value.every(Number.isInteger)) return value;
    return this.#refuseValue(key, value, "a list of whole numbers");
  }

  /** `[[top, bottom], [left, right]]` */
  sides(key: string): readonly [readonly [number, number], readonly [number, number]] {
    const value = this.#take(key);
    const isPair = (v: unknown) => Array.isArray(v) && v.length === 2 && v.every((n) => n === 0 || isCount(n));
    if (Array.isArray(value) && value.length === 2 && value.every(isPair)) return [value[0], value[1]];
    return this.#refuseValue(key, value, "[[top, bottom], [left, right]]");
  }

  /** `activation`; absent or null is `linear`. */
  activation(): Activation {
    const value = this.#take("activation") ?? "linear";
    const name = functionName(value);
    // Keras 3 has two names for it and writes this one.
    const known = name === "hard_silu" ? "hard_swish" : name;
    const accepted = activationNames.filter((one) => one !== "hard_sigmoid" || this.#isKeras3());
    if ((accepted as readonly unknown[]).includes(known)) return known as Activation;
    const hint =
      value === "hard_sigmoid"
        ? "the hard sigmoid of Keras 2 and TensorFlow.js is 0.2 x + 0.5, ours x / 6 + 0.5"
        : undefined;
    return this.refuse(`activation ${show(value)}`, `one of ${accepted.join(", ")}`, hint);
  }

  /** Refuses an option that nobody read, unless it is switched off or has no effect at inference. */
  finish(): void {
    for (const [key, value] of Object.entries(this.config)) {
      if (this.#read.has(key) || NO_EFFECT.test(key) || value === null || value === false) continue;
      this.refuse(`option ${show(key)} with value ${show(value)}`, `no such option on ${this.className}`);
    }
  }

  /** Keras 3 has a policy where its forerunners have a dtype's name. */
  #isKeras3(): boolean {
    return typeof this.config.dtype === "object";
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return this.config[key];
  }

  #refuseValue(key: string, value: unknown, expected: string): never {
    return this.refuse(value === undefined ? `no ${key}` : `${key} is ${show(value)}`, expected);
  }
}

/** The name of a function of the model's own, which is all that Keras keeps of the article's `relu6` and `hard_swish`. */
function functionName(value: unknown): unknown {
  const { class_name: kind, config } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return kind === "function" ? config : value;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
