import { EngineError } from "../errors.ts";

const PAGE = 65536;

/**
 * Linear memory whose initial size equals its maximum: the buffer never moves, and views on it stay valid.
 * @throws EngineError if the host has too little memory
 */
export function allocate(where: string, bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    const found = `no room for ${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new EngineError({ where, found, hint: "dispose() models you no longer use" }, { cause });
  }
}
