import { WeightsError } from "../errors.ts";

/**
 * Loads an optional peer dependency: a library that only one file format needs, which users of the others should not
 * have to install or download.
 *
 * @param name as on npm
 * @param load `() => import("<name>")`, spelled out so that bundlers see the import and split it off
 * @param purpose completes "needed to ...": `read TFLite files`
 * @throws WeightsError naming the package and how to install it
 */
export async function importPeer<T>(name: string, load: () => Promise<T>, purpose: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    const found = missing ? "not installed" : `cannot be loaded (${message.split("\n")[0]})`;
    throw new WeightsError({ where: name, found, hint: `needed to ${purpose}: npm install ${name}` }, { cause });
  }
}
