/** A sibling of a file or URL; a URL's query does not pass on to it. */
export function besides(where: string, path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(where)) return new URL(path, where).href;
  return where.slice(0, Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1) + path;
}
