import { type MobileNetsError, WeightsError } from "../errors.ts";

/** Does nothing; see `importPeer`. */
export function rethrow(error: unknown): never {
  throw error;
}

/**
 * Loads an optional peer dependency: a library that only one file format or engine needs, which users of the
 * others should not have to install or download.
 *
 * @param name as on npm
 * @param load `() => import("<name>").catch(rethrow)`, spelled out so that bundlers see the import and split it off, and
 *   with a `catch` so that esbuild lets it be missing
 * @param purpose completes "needed to ...": `read TFLite files`
 * @throws ErrorType naming the package and how to install it
 */
export async function importPeer<T>(
  name: string,
  load: () => Promise<T>,
  purpose: string,
  ErrorType: typeof MobileNetsError = WeightsError,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    const found = missing ? "not installed" : `cannot be loaded (${message.split("\n")[0]})`;
    throw new ErrorType({ where: name, found, hint: `needed to ${purpose}: npm install ${name}` }, { cause });
  }
}
