import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { anchorOf } from "./anchor.ts";
import { type Message, messagesOf } from "./error-texts.ts";
import { holds, wrongQuotations } from "./errors-page.ts";

const SOURCES = ["packages/mobilenets/src/**/*.ts", "packages/cli/src/**/*.ts", "!**/*.test.ts"];
const ON_GITHUB = "https://github.com/mobilenets/mobilenets/blob/main/";

/** Every message of the sources, by class and text. */
export function allMessages(root: string): Message[] {
  const paths = globSync(SOURCES, { cwd: root }).sort();
  const found = messagesOf(Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")])));
  // The same text may be thrown in many places: the first one is shown.
  return [...new Map(found.reverse().map((one) => [`${one.name} ${one.text}`, one])).values()].sort(
    (a, b) => a.name.localeCompare(b.name) || a.text.localeCompare(b.text),
  );
}

/**
 * Writes `messages.md` for the site, and `messages.json` for its search.
 * @throws Error if `docs/errors.md` quotes a message of another class, or none
 */
export async function writeMessages(root: string, folder: string): Promise<number> {
  const all = allMessages(root);
  const wrong = wrongQuotations(readFileSync(join(root, "docs/errors.md"), "utf8"), all);
  if (wrong.length > 0) throw new Error(`docs/errors.md quotes what the sources do not throw\n${wrong.join("\n")}`);
  const answered = withAnswers(all, readFileSync(join(root, "docs/faq.md"), "utf8"));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "messages.json"), JSON.stringify(answered));
  await writeFile(join(folder, "messages.md"), pageOf(answered));
  return all.length;
}

/** A message, and where docs/faq.md says more about it. */
export interface Answered extends Message {
  /** An anchor on that page. */
  readonly answer?: string;
}

function withAnswers(all: readonly Message[], faq: string): Answered[] {
  const headings = [...faq.matchAll(/^### `(.*)`$/gm)].map(([, text]) => text);
  return all.map((message) => {
    const heading = headings.find((text) => holds(message.text, text));
    return heading === undefined ? message : { ...message, answer: anchorOf(heading) };
  });
}

function pageOf(all: readonly Answered[]): string {
  const names = [...new Set(all.map(({ name }) => name))];
  const sections = names.map((name) => {
    const own = all.filter((one) => one.name === name);
    const items = own.map(({ text, path, line, answer }) => {
      const help = answer === undefined ? "" : `[what to do](../../../docs/faq.md#${answer}) `;
      return `- ${code(text)} ${help}[source](${ON_GITHUB}${path}#L${line})`;
    });
    return `## ${name}\n\n${own.length} messages.\n\n${items.join("\n")}\n`;
  });
  return [
    "# Every message",
    "",
    "This page lists all errors that the library and the command line throw. The build reads them from the sources. `…` stands",
    "for the part that differs. A message says where, what was found, what was expected, and what to do.",
    "",
    "<MessageFinder />",
    "",
    ...sections,
  ].join("\n");
}

/** Within as many backticks as it takes. */
function code(text: string): string {
  const ticks = "`".repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const pad = text.includes("`") ? " " : "";
  return `${ticks}${pad}${text}${pad}${ticks}`;
}
