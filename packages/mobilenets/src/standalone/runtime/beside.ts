import { fetchBytes } from "../../platform/fetch-bytes.ts";
import { ReadError } from "../../platform/platform.ts";

/** The part of `node:fs/promises` that is used. */
interface NodeFiles {
  readFile(url: URL): Promise<Uint8Array>;
}

/**
 * Reads a file that lies beside the module.
 * @param files imports `node:fs/promises`; called only for `file:` addresses
 * @throws ReadError if the file cannot be read
 */
export async function readBeside(url: URL, files: () => Promise<NodeFiles>): Promise<Uint8Array> {
  if (url.protocol !== "file:") return fetchBytes(url.href);
  try {
    return await (await files()).readFile(url);
  } catch (cause) {
    const found = `cannot be read (${(cause as Error).message})`;
    throw new ReadError({ where: url.pathname, found, hint: "does it lie beside the module?" }, { cause });
  }
}
