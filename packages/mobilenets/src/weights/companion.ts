/** A URL has a scheme of two letters or more; one letter is a drive. */
const URL_LIKE = /^[a-z][a-z0-9+.-]+:/i;
/** An absolute path or URL, perhaps after characters that URL parsers drop. */
const ABSOLUTE = /^\s*(?:[a-z][a-z0-9+.-]*:|[/\\])/i;
/** Control characters, which URL parsers drop, and encoded separators. */
const SUSPICIOUS = /\p{Cc}|%2f|%5c|%00/iu;

/**
 * The address of a file beside or below another. A model's file may name any path; it is resolved as the host resolves it,
 * and then compared with the folder.
 * @param file path or URL of the model; a URL's query is dropped
 * @param path the model's path of the other file, relative to the model
 * @returns undefined if it leads out of the folder, to another host, or is invalid
 */
export function companionOf(file: string, path: string): string | undefined {
  if (SUSPICIOUS.test(path) || ABSOLUTE.test(path) || path.trim() !== path) return undefined;
  return URL_LIKE.test(file) ? besideUrl(file, path) : besidePath(file, path);
}

function besideUrl(file: string, path: string): string | undefined {
  let folder: URL;
  let companion: URL;
  try {
    folder = new URL(".", file);
    companion = new URL(path, folder);
  } catch {
    return undefined;
  }
  const { pathname, search, hash } = companion;
  const isBelow = pathname.startsWith(folder.pathname) && pathname.length > folder.pathname.length;
  const isThere = siteOf(companion) === siteOf(folder) && search === "" && hash === "";
  return isBelow && isThere ? companion.href : undefined;
}

/** A URL's site. It has more than `origin`, which is the same for all files and lacks the user. */
function siteOf({ protocol, host, username, password }: URL): string {
  return [protocol, username, password, host].join(" ");
}

/** The path beside a file on a disk, or relative to a page; both kinds of separators count on every host. */
function besidePath(file: string, path: string): string | undefined {
  const parts = path.replaceAll(/%2e/gi, ".").split(/[/\\]/);
  if (parts.some((part) => part === "" || part === "..") || parts[parts.length - 1] === ".") return undefined;
  const folder = file.slice(0, Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return folder + path;
}
