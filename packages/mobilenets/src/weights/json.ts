import { WeightsError } from "../errors.ts";
import { show } from "./show.ts";

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

function unexpected(value: unknown, where: string, what: string, expected: string): WeightsError {
  const found = value === undefined ? `no ${what}` : `${what} is ${show(value)}`;
  return new WeightsError({ where, found, expected });
}
