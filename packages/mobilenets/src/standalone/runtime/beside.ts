import { fetchBytes } from "../../platform/fetch-bytes.ts";
import { ReadError } from "../../platform/platform.ts";

/** What is called of `node:fs/promises`. */
interface NodeFiles {
  readFile(url: URL): Promise<Uint8Array>;
}

/**
 * The content of a file that lies beside the module.
 * @param files imports `node:fs/promises`, which hosts have where modules have file addresses
 * @throws ReadError if it is not there
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
