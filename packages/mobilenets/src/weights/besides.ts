/** A sibling of a file or URL; a URL's query does not pass on to it. */
export function besides(where: string, path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(where)) return new URL(path, where).href;
  return where.slice(0, Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1) + path;
}

/** Whether a path leads to a file beside or below another; one that leads elsewhere could name any of the machine. */
export function staysBeside(path: string): boolean {
  return !/^[/\\]|^[a-z][a-z0-9+.-]*:|(^|[/\\])(\.|%2e){2}([/\\]|$)/i.test(path);
}
