/** What went wrong, in the four parts a reader needs to mend it. */
export interface ErrorParts {
  /** The layer, tensor, file, option or picture concerned, e.g. `conv_dw_3` or `cat.jpg`. */
  where: string;
  /** What was there, e.g. `weight has shape [3,3,128,1]`. */
  found: string;
  /** What should have been there, e.g. `[3,3,64,1]`. */
  expected?: string;
  /** What to do, or the likely cause, e.g. `was this file saved with alpha 1.0?`. */
  hint?: string;
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

  /** Spelt out in each class, as minifiers shorten the names of classes. */
  override get name(): string {
    return "MobileNetsError";
  }

  constructor(parts: ErrorParts, options?: ErrorOptions) {
    const expected = parts.expected === undefined ? "" : `, expected ${parts.expected}`;
    const hint = parts.hint === undefined ? "" : `: ${parts.hint}`;
    super(`${parts.where}: ${parts.found}${expected}${hint}`, options);
    this.where = parts.where;
    this.found = parts.found;
    this.expected = parts.expected;
    this.hint = parts.hint;
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
/** A graph that does not hold together: unknown op, missing input, shapes that do not fit. */
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
/** Training that cannot begin or go on: a loss that is no number, data that do not fit, a step that needs too much memory. */
export class TrainingError extends MobileNetsError {
  override get name() {
    return "TrainingError";
  }
}
