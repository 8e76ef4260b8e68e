import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { type Message, messagesOf } from "./error-texts.ts";
import { wrongQuotations } from "./errors-page.ts";

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
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "messages.json"), JSON.stringify(all));
  await writeFile(join(folder, "messages.md"), pageOf(all));
  return all.length;
}

function pageOf(all: readonly Message[]): string {
  const names = [...new Set(all.map(({ name }) => name))];
  const sections = names.map((name) => {
    const own = all.filter((one) => one.name === name);
    const items = own.map(({ text, path, line }) => `- ${code(text)} [source](${ON_GITHUB}${path}#L${line})`);
    return `## ${name}\n\n${own.length} messages.\n\n${items.join("\n")}\n`;
  });
  return [
    "# Every message",
    "",
    "All errors that the library and the command line throw, read from the sources when this page is built. `…` stands for",
    "what differs. A message says where, what was found, what was expected, and what to do.",
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
