import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws WeightsError unless `value` is a JSON object; `what` names it, e.g. `modelTopology` */
export function asObject(value: unknown, where: string, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw unexpected(value, where, what, "an object");
}

/** @throws WeightsError unless `value` is a JSON array */
export function asList(value: unknown, where: string, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(value, where, what, "a list");
}

/** @throws WeightsError unless `value` is a string that is not empty */
export function asName(value: unknown, where: string, what: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw unexpected(value, where, what, "a name");
}

/** @throws WeightsError unless `value` is a JSON object of strings */
export function asTexts(value: unknown, where: string, what: string): Readonly<Record<string, string>> {
  const object = asObject(value, where, what);
  if (Object.values(object).every((text) => typeof text === "string")) return object as Record<string, string>;
  throw unexpected(value, where, what, "an object of texts");
}

function unexpected(value: unknown, where: string, what: string, expected: string): WeightsError {
  const found = value === undefined ? `no ${what}` : `${what} is ${show(value)}`;
  return new WeightsError({ where, found, expected });
}
