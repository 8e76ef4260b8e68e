/**
 * Parses JSON from an untrusted file. `JSON.parse` keeps the last of two equal keys without a word, and builds
 * whatever nesting it is given; here both are errors, found before anything is built.
 *
 * @param maxDepth how deep objects and arrays may nest; `{"a":[1]}` has depth 2
 * @throws SyntaxError for text that is not JSON, a key given twice in one object, or deeper nesting
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  checkKeys(text, maxDepth);
  return JSON.parse(text);
}

/** Looks at strings and brackets only: the rest of the grammar is `JSON.parse`'s concern. */
function checkKeys(text: string, maxDepth: number): void {
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") {
      open.push(new Set());
      if (open.length > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
    } else if (c === "}" || c === "]") {
      open.pop();
    } else if (c === '"') {
      const end = endOfString(text, i);
      if (nextToken(text, end) === ":") {
        const key: string = JSON.parse(text.slice(i, end));
        const keys = open.at(-1);
        if (keys?.has(key)) throw new SyntaxError(`key ${JSON.stringify(key.slice(0, 80))} given twice`);
        keys?.add(key);
      }
      i = end - 1;
    }
  }
}

/** Index after the closing quote of the string that opens at `start`; the text's end if it never closes. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

function nextToken(text: string, from: number): string | undefined {
  let i = from;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i];
}
