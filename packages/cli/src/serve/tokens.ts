import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OptionError, ReadError } from "mobilenets";

const hash = (text: string) => createHash("sha256").update(text).digest();

/** The valid tokens, each with a name for the log. Only their hashes are kept. */
export class Tokens {
  readonly #entries: readonly { readonly name: string; readonly hash: Buffer }[];

  constructor(entries: readonly { readonly name: string; readonly token: string }[]) {
    this.#entries = entries.map(({ name, token }) => ({ name, hash: hash(token) }));
  }

  /**
   * Finds the name of the token in an `authorization: Bearer` header. Compares all tokens in constant time, so the time
   * reveals nothing.
   */
  nameOf(header: string | undefined): string | undefined {
    const [, token] = /^Bearer +(\S+)$/i.exec(header ?? "") ?? [];
    if (token === undefined) return undefined;
    const asked = hash(token);
    let found: string | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, asked)) found = entry.name;
    return found;
  }
}

/**
 * Reads a file of lines `name token`. Skips empty lines, and lines that start with `#`.
 * @throws OptionError naming an invalid line, ReadError if the file cannot be read
 */
export async function readTokens(path: string): Promise<Tokens> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new ReadError({ where: path, found: `cannot be read (${cause.message})`, expected: "a file of tokens" });
  });
  const entries = text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [name, token, ...more] = line.trim().split(/\s+/);
    if (token !== undefined && token.length >= 16 && more.length === 0) return [{ name, token }];
    // The line is a secret, so the error does not show it.
    const found = token === undefined ? "one word" : more.length > 0 ? "more than two words" : "a short token";
    throw new OptionError({
      where: `${path}, line ${i + 1}`,
      found,
      expected: "a name and a token of at least 16 characters",
      hint: "openssl rand -hex 32 makes one",
    });
  });
  if (entries.length > 0) return new Tokens(entries);
  throw new OptionError({ where: path, found: "no tokens", expected: "lines `name token`" });
}
