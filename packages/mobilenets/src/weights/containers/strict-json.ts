/**
 * Parses JSON from an untrusted file. `JSON.parse` silently keeps the last of two equal keys, and builds any nesting;
 * here both are errors, found before anything large is built.
 *
 * @param maxDepth deepest nesting of objects and arrays; `{"a":[1]}` has depth 2
 * @throws SyntaxError for text that is not JSON, a duplicate key in an object, or deeper nesting
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  const plain = parsePlain(text, maxDepth);
  if (plain !== undefined) return plain;
  checkKeys(text, maxDepth);
  return JSON.parse(text);
}

/** Longer texts are checked before they are parsed. */
const PLAIN_LENGTH = 2 ** 20;

/**
 * Parses a text that equals the host's own output, as most do, so that a duplicate key would show; undefined for any
 * other text. The host does all except the depth check: a user waits for the first picture.
 */
function parsePlain(text: string, maxDepth: number): unknown {
  if (text.length > PLAIN_LENGTH) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text.trimEnd() && isShallow(value, maxDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether objects and arrays nest at most `depth` deep. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const inner of Object.values(value)) if (!isShallow(inner, depth - 1)) return false;
  return true;
}

/** Checks only strings and brackets; `JSON.parse` checks the rest of the grammar. */
function checkKeys(text: string, maxDepth: number): void {
  const open: Set<string>[] = [];
  // The host's search finds the next one.
  const next = /["{}[\]]/g;
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const c = found[0];
    if (c === "{" || c === "[") {
      open.push(new Set());
      if (open.length > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
    } else if (c === "}" || c === "]") {
      open.pop();
    } else if (c === '"') {
      const { index } = found;
      const end = endOfString(text, index);
      if (nextToken(text, end) === ":") {
        const key: string = JSON.parse(text.slice(index, end));
        const keys = open.at(-1);
        if (keys?.has(key)) throw new SyntaxError(`key ${JSON.stringify(key.slice(0, 80))} given twice`);
        keys?.add(key);
      }
      next.lastIndex = end;
    }
  }
}

/** The index after the closing quote of the string that opens at `start`; the text's end if it never closes. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let plain = quote;
    while (text[plain - 1] === "\\") plain--;
    if ((quote - plain) % 2 === 0) return quote + 1;
  }
  return text.length;
}

function nextToken(text: string, from: number): string | undefined {
  let i = from;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i];
}
