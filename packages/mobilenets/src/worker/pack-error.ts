import {
  EngineError,
  type ErrorParts,
  GraphError,
  ImageError,
  MobileNetsError,
  OptionError,
  TrainingError,
  UnsupportedError,
  WeightsError,
} from "../errors.ts";
import { ReadError } from "../platform/platform.ts";
import type { PackedError } from "./protocol.ts";

const classes: Readonly<Record<string, new (parts: ErrorParts, options?: ErrorOptions) => MobileNetsError>> = {
  EngineError,
  GraphError,
  ImageError,
  MobileNetsError,
  OptionError,
  ReadError,
  TrainingError,
  UnsupportedError,
  WeightsError,
};

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  if (!MobileNetsError.is(error)) return { name, message, stack };
  const { where, found, expected, hint } = error;
  return { name, message, stack, where, found, expected, hint };
}

/** Restores an error with its class in the thread; `cause` has the thread's stack. */
export function unpackError(packed: PackedError): Error {
  const { name, message, stack, where, found, expected, hint } = packed;
  const there = Object.assign(new Error(message), { name, stack });
  const Class = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (Class && where !== undefined && found !== undefined) {
    return new Class({ where, found, expected, hint }, { cause: there });
  }
  return there;
}
