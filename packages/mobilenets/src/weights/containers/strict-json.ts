/**
 * Parses JSON from an untrusted file. `JSON.parse` keeps the last of two equal keys without a word, and builds
 * whatever nesting it is given; here both are errors, found before anything large is built.
 *
 * @param maxDepth how deep objects and arrays may nest; `{"a":[1]}` has depth 2
 * @throws SyntaxError for text that is not JSON, a key given twice in one object, or deeper nesting
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  const plain = parsePlain(text, maxDepth);
  if (plain !== undefined) return plain;
  checkKeys(text, maxDepth);
  return JSON.parse(text);
}

/** Nothing longer is built before it has been checked. */
const PLAIN_LENGTH = 2 ** 20;

/**
 * The value of a text that is as the host would write it, as most are, and where a key given twice would be missing;
 * undefined for any other. All but the depth is the host's work: a user waits for the first picture.
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

/** Whether objects and arrays nest at most so deep. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const inner of Object.values(value)) if (!isShallow(inner, depth - 1)) return false;
  return true;
}

/** Looks at strings and brackets only: the rest of the grammar is `JSON.parse`'s concern. */
function checkKeys(text: string, maxDepth: number): void {
  const open: Set<string>[] = [];
  // From one to the next by the host's own search.
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

/** Index after the closing quote of the string that opens at `start`; the text's end if it never closes. */
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
