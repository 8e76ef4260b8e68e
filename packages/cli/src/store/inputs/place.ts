import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OptionError } from "mobilenets";
import { isRemote } from "../entry.ts";
import { isS3 } from "./s3.ts";

/**
 * The path or address that a list or an argument means.
 * @param base folder of relative paths, or the address of the list
 * @throws OptionError for an address of an unknown kind
 */
export function placeOf(source: string, where: string, base?: string): string {
  if (isRemote(source)) return source;
  const [scheme] = /^[a-z][a-z0-9+.-]+:\/\//i.exec(source) ?? [];
  if (scheme === undefined) return beside(source, base);
  try {
    if (/^file:/i.test(scheme)) return fileURLToPath(source);
  } catch {}
  const expected = "a path, or an address with https://, http://, s3:// or file:///";
  const found = where === source ? "an address of another kind" : source.slice(0, 200);
  throw new OptionError({ where, found, expected });
}

function beside(source: string, base: string | undefined): string {
  if (base === undefined) return source;
  // A key of an object store is no encoded address.
  if (isS3(base)) return base.slice(0, base.lastIndexOf("/") + 1) + source;
  if (isRemote(base)) return new URL(source, base).href;
  if (isAbsolute(source)) return source;
  return join(base, source);
}
