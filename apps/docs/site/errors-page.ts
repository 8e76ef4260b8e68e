import type { Message } from "./error-texts.ts";

/**
 * Compares the tables of `docs/errors.md` with the messages in the sources: each quoted text must be in a message of its class.
 * @returns what does not
 */
export function wrongQuotations(page: string, all: readonly Message[]): string[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [name] = section.split("\n", 1);
      const texts = all.filter((one) => one.name === name).map(({ text }) => text);
      const quoted = [...section.matchAll(/^\| `(.*?)` \|/gm)].map(([, text]) => text);
      if (!name.endsWith("Error")) return [];
      return quoted.filter((text) => !texts.some((one) => holds(one, text))).map((text) => `${name}: ${text}`);
    });
}

/** Whether a message has the words of a text in their order; both have `…` for what differs. */
export function holds(message: string, text: string): boolean {
  let from = 0;
  for (const piece of text.split("…")) {
    const at = message.indexOf(piece.trim(), from);
    if (at < 0) return false;
    from = at + piece.trim().length;
  }
  return true;
}
