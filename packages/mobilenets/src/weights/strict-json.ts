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
  // From one to the next by the host's own search: a user waits for the first picture while this code is still cold.
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
