/** The four parts of an error message. */
export interface ErrorParts {
  /** The layer, tensor, file, option or picture, e.g. `conv_dw_3` or `cat.jpg`. */
  where: string;
  /** What was found, e.g. `weight has shape [3,3,128,1]`. */
  found: string;
  /** What was expected, e.g. `[3,3,64,1]`. */
  expected?: string;
  /** What to do, or the likely cause, e.g. `was this file saved with alpha 1.0?`. */
  hint?: string;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Most characters of one part of a message; names in files may be megabytes long. */
const LONGEST = 1500;

/**
 * Makes untrusted names safe to print: escapes control characters and those that change the direction of text, and cuts
 * the middle out of long texts.
 */
function clean(text: string): string {
  const half = LONGEST / 2;
  const short = text.length > LONGEST ? `${text.slice(0, half)} … ${text.slice(-half)}` : text;
  return short.replaceAll(
    /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu,
    (c) => ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const MARK = Symbol.for("mobilenets.error");

/**
 * Base of every error this package throws on purpose. The message reads `where: found, expected …: hint`.
 * `MobileNetsError.is(e)` also recognises errors of another copy of the package (two bundles in one page).
 */
export class MobileNetsError extends Error implements ErrorParts {
  readonly where: string;
  readonly found: string;
  readonly expected?: string;
  readonly hint?: string;
  /** @internal */ readonly [MARK] = true;

  /** Written out in each class because minifiers shorten class names. */
  override get name(): string {
    return "MobileNetsError";
  }

  constructor(parts: ErrorParts, options?: ErrorOptions) {
    const { where, found, expected, hint } = parts;
    const wanted = expected === undefined ? "" : `, expected ${clean(expected)}`;
    super(`${clean(where)}: ${clean(found)}${wanted}${hint === undefined ? "" : `: ${clean(hint)}`}`, options);
    this.where = where;
    this.found = found;
    this.expected = expected;
    this.hint = hint;
  }

  static is(error: unknown): error is MobileNetsError {
    return typeof error === "object" && error !== null && MARK in error;
  }
}

/** An option, argument or name that is not accepted. */
export class OptionError extends MobileNetsError {
  override get name() {
    return "OptionError";
  }
}
/** An inconsistent graph: unknown op, missing input, shapes that do not fit. */
export class GraphError extends MobileNetsError {
  override get name() {
    return "GraphError";
  }
}
/** A weight file that cannot be read or does not belong to the network. */
export class WeightsError extends MobileNetsError {
  override get name() {
    return "WeightsError";
  }
}
/** A picture that cannot be decoded or has an unusable size. */
export class ImageError extends MobileNetsError {
  override get name() {
    return "ImageError";
  }
}
/** An engine that cannot run here, or failed while running. */
export class EngineError extends MobileNetsError {
  override get name() {
    return "EngineError";
  }
}
/** A feature that this engine lacks and another may have: an instruction set, an op, a type. `auto` tries the next engine. */
export class UnsupportedError extends EngineError {}
/** Training that cannot begin or continue: the loss is NaN, data do not fit, a step needs too much memory. */
export class TrainingError extends MobileNetsError {
  override get name() {
    return "TrainingError";
  }
}
