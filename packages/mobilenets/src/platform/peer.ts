import { type MobileNetsError, WeightsError } from "../errors.ts";

/** How hosts and bundlers say that a package is not there. */
const MISSING = /failed to resolve|could not resolve|cannot (find|resolve)|not found/i;

/**
 * The error for an optional peer dependency that could not be imported: a library that only one file format or engine
 * needs, which users of the others should not have to install or download. The import itself has to stand in a `try`
 * block with the name spelt out: there bundlers see it and split it off, and let it be missing.
 *
 * @param name as on npm
 * @param purpose completes "needed to ...": `read TFLite files`
 * @param cause what the import threw
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
 * What a peer's import gave, unless it is the empty module that a bundler puts in the place of a package that it was
 * told to leave out (Parcel's and webpack's `alias: false`). Call it in the `try` block of the import.
 *
 * @param member a name that the package exports
 * @throws Error for `peerError`
 */
export function present<T extends object>(module: T | undefined, member: keyof T & string): T {
  if (module && member in module) return module;
  throw new Error(`not found: it has no ${member}`);
}
