import { type MobileNetsError, WeightsError } from "../errors.ts";

/** Messages of hosts and bundlers about a missing package. */
const MISSING = /failed to resolve|could not resolve|cannot (find|resolve)|not found/i;

/**
 * The error for an optional peer dependency that cannot be imported: a library that only one file format or engine
 * needs, which other users do not have to install or download. The import itself must be in a `try` block with a literal
 * name, so that bundlers split it off, and accept that it is missing.
 *
 * @param name as on npm
 * @param purpose completes "needed to ...": `read TFLite files`
 * @param cause the import's error
 */
export function peerError(
  name: string,
  purpose: string,
  cause: unknown,
  ErrorType: typeof MobileNetsError = WeightsError,
): MobileNetsError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || MISSING.test(message);
  const found = missing ? "not installed" : `cannot be loaded (${message.split("\n")[0]})`;
  return new ErrorType({ where: name, found, hint: `needed to ${purpose}: npm install ${name}` }, { cause });
}

/**
 * Checks that a peer's import is not the empty module by which a bundler replaces an excluded package (`alias: false` of
 * Parcel and webpack). Call it in the `try` block of the import.
 *
 * @param member a name that the package exports
 * @throws Error as the cause of `peerError`
 */
export function present<T extends object>(module: T | undefined, member: keyof T & string): T {
  if (module && member in module) return module;
  throw new Error(`not found: it has no ${member}`);
}
