import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { asName, asObject, type JsonObject } from "../containers/json.ts";
import { type Nonlinearity, nonlinearityOf } from "./activations.ts";

/** Options of every layer that have no effect on inference, or that `config.ts` reads. */
const NO_EFFECT =
  /^(name|trainable|dtype|seed|noise_shape|sparse|ragged|batch_(input_)?shape|renorm_momentum|bounding_box_format|quantization_config|.+_(initializer|regularizer|constraint))$/;

/** Classes of models whose config lists their layers. `Model` is `Functional` before Keras 2.4. */
export const MODEL_CLASSES: readonly string[] = ["Sequential", "Functional", "Model"];

/**
 * One layer of a Keras config, with checked access to its options. An unread option may still change the result, so
 * `finish()` refuses it. Every error names the layer.
 */
export class KerasLayer {
  readonly className: string;
  readonly name: string;
  /** The whole entry: nested models have their layers in `config`, functional models have `inbound_nodes` beside it. */
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

  /** An option whose value must be one of `accepted`; the first is the default. */
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

  /** An integer >= 1. */
  count(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    return isCount(value) ? value : this.#refuseValue(key, value, "a whole number from 1 up");
  }

  /** `[height, width]`, each >= 1. */
  pair(key: string, fallback?: readonly [number, number]): readonly [number, number] {
    const value = this.#take(key) ?? fallback;
    if (Array.isArray(value) && value.length === 2 && value.every(isCount)) return [value[0], value[1]];
    return this.#refuseValue(key, value, "two whole numbers from 1 up");
  }

  /** A list of anything. */
  list(key: string): readonly unknown[] {
    const value = this.#take(key);
    return Array.isArray(value) ? value : this.#refuseValue(key, value, "a list");
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
  nonlinearity(): Nonlinearity {
    return nonlinearityOf(this, this.#take("activation"), this.#isKeras3());
  }

  /** A number; undefined if null or left out. */
  optionalNumber(key: string): number | undefined {
    const value = this.#take(key) ?? undefined;
    return value === undefined || typeof value === "number" ? value : this.#refuseValue(key, value, "a number");
  }

  /** One number, or numbers in any nesting, as a list; undefined if null or left out. */
  numbers(key: string): readonly number[] | undefined {
    const value = this.#take(key) ?? undefined;
    if (value === undefined) return undefined;
    const flat: readonly unknown[] = [valueOfArray(value)].flat(8);
    if (flat.length > 0 && flat.every((one) => typeof one === "number" && Number.isFinite(one)))
      return flat as number[];
    return this.#refuseValue(key, value, "numbers");
  }

  /** Refuses an unread option, unless it is off or has no effect on inference. */
  finish(): void {
    for (const [key, value] of Object.entries(this.config)) {
      if (this.#read.has(key) || NO_EFFECT.test(key) || value === null || value === false) continue;
      if (key === "lora_rank")
        this.refuse(
          "low-rank weights (LoRA) beside its own",
          "one kernel",
          "layer.kernel is their sum: assign it to a layer without LoRA, and save that model",
        );
      this.refuse(`option ${show(key)} with value ${show(value)}`, `no such option on ${this.className}`);
    }
  }

  /** Keras 3 has a policy for the dtype; older versions have its name. */
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

/** Keras 3 writes arrays as objects: `{ class_name: "__numpy__", config: { value } }`. */
function valueOfArray(value: unknown): unknown {
  const { class_name: kind, config } = value as JsonObject;
  return kind === "__numpy__" ? (config as JsonObject | null)?.value : value;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
