/** The value of a Python literal; integers too large for a number are Infinity or inexact. */
export type Literal =
  | string
  | boolean
  | number
  | { readonly kind: "tuple" | "list"; readonly items: readonly Literal[] }
  | { readonly kind: "dict"; readonly entries: ReadonlyMap<string, Literal> };

/** Deepest nesting. Structured dtypes nest a list, tuples and a shape; a header of brackets must not exhaust the stack. */
const DEEPEST = 16;

/**
 * Reads a Python literal strictly and evaluates nothing: dictionaries with texts as keys, tuples, lists, whole numbers,
 * `True`, `False`, and texts without escapes.
 * @throws SyntaxError for anything else; it names the text and its place
 */
export function parseLiteral(text: string): Literal {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Literal {
    if (depth > DEEPEST) throw new SyntaxError(`brackets more than ${DEEPEST} deep`);
    if (this.#take(/\{/y)) return this.#dict(depth);
    if (this.#take(/\(/y)) {
      const { items, lastComma } = this.#items(/\)/y, depth);
      // Parentheses around one value need a comma to be a tuple.
      return items.length === 1 && !lastComma ? items[0] : { kind: "tuple", items };
    }
    if (this.#take(/\[/y)) return { kind: "list", items: this.#items(/\]/y, depth).items };
    return this.#scalar();
  }

  end(): void {
    if (this.#take(/$/y) === undefined) throw this.#unexpected("the end");
  }

  #dict(depth: number): Literal {
    const entries = new Map<string, Literal>();
    for (let more = true; more && this.#take(/\}/y) === undefined; ) {
      const key = this.#scalar();
      if (typeof key !== "string") throw new SyntaxError(`the key ${key}`);
      if (entries.has(key)) throw new SyntaxError(`the key '${key}' twice`);
      this.#need(/:/y, "a colon");
      entries.set(key, this.value(depth + 1));
      more = this.#take(/,/y) !== undefined;
      if (!more) this.#need(/\}/y, "a comma or }");
    }
    return { kind: "dict", entries };
  }

  #items(close: RegExp, depth: number): { items: Literal[]; lastComma: boolean } {
    const items: Literal[] = [];
    for (;;) {
      if (this.#take(close) !== undefined) return { items, lastComma: true };
      items.push(this.value(depth + 1));
      if (this.#take(/,/y) !== undefined) continue;
      this.#need(close, "a comma or the closing bracket");
      return { items, lastComma: false };
    }
  }

  #scalar(): string | boolean | number {
    const quoted = this.#take(/'[^'"\\\n\r]*'|"[^'"\\\n\r]*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1);
    const word = this.#take(/True\b|False\b/y);
    if (word !== undefined) return word === "True";
    const digits = this.#take(/(?:0|-?[1-9]\d*)\b/y);
    if (digits !== undefined) return Number(digits);
    throw this.#unexpected("a value");
  }

  /** Takes the next token if the pattern matches; skips blanks before it. */
  #take(pattern: RegExp): string | undefined {
    const blanks = /[ \t\r\n]*/y;
    blanks.lastIndex = this.#at;
    blanks.test(this.#text);
    pattern.lastIndex = blanks.lastIndex;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #need(pattern: RegExp, what: string): void {
    if (this.#take(pattern) === undefined) throw this.#unexpected(what);
  }

  #unexpected(expected: string): SyntaxError {
    const rest = this.#text.slice(this.#at).trimStart().slice(0, 20);
    return new SyntaxError(`${rest === "" ? "the end" : JSON.stringify(rest)} where ${expected} is due`);
  }
}
