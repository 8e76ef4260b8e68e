// What documents show: programs, pages, servers and commands, with what they say will come of them.
import { basename } from "node:path";

/** How a sample begins that is not a program for Node which ends by itself. */
const FOR_PAGES = "// In a page.";
const SERVES = "// A server.";
const WORKER = "// A Worker.";

/** A block of a document, in the order of the document. */
export type Sample =
  | {
      /**
       * `program`: for Node. `page`: for a bundler. `server`: waits for requests. `html`: a page as it is. `script`: for Node
       * as it is, with modules that the document's commands have written. `module`: what a page of the document names.
       */
      readonly kind: "program" | "page" | "server" | "html" | "script" | "module";
      /** A file's name in the document's folder, without its ending. */
      readonly name: string;
      readonly code: string;
      /** Lines that it must print, a page's text, or a server's answers. */
      readonly promised: readonly string[];
    }
  | { readonly kind: "command"; readonly command: string; readonly promised: readonly string[] };

/** The folder that a document's samples run in. */
export function slugOf(path: string): string {
  return path.replace(/\.md$/, "").replaceAll("/", "-").toLowerCase();
}

/** @throws Error for code that promises nothing: a sample that cannot fail shows nothing */
export function samplesOf(path: string, text: string): Sample[] {
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, code], i): Sample[] => {
    if (language === "sh") return commandsOf(code);
    if (language === "js" && code.startsWith(WORKER)) return [];
    const [, module] = (language === "js" && MODULE.exec(code)) || [];
    if (module) return [{ kind: "module", name: module, code, promised: [] }];
    if (language !== "ts" && language !== "js" && language !== "html") return [];
    const kind = language === "html" ? "html" : language === "js" ? "script" : kindOf(code);
    const promised = [...code.matchAll(PROMISES[kind])].map(([, line]) => line);
    if (promised.length === 0) throw new Error(`${path}: a sample that does not say what comes of it\n${code}`);
    return [{ kind, name: `sample-${i + 1}`, code, promised }];
  });
}

/** A module that pages name begins with its own name. */
const MODULE = /^\/\/ (\S+)\.js\n/;

/** What a document shows for workerd, which one-file.ts runs. */
export function workersOf(text: string): string[] {
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code).filter((code) => code.startsWith(WORKER));
}

function kindOf(code: string): "program" | "page" | "server" {
  if (code.startsWith(FOR_PAGES)) return "page";
  return code.startsWith(SERVES) ? "server" : "program";
}

const LINES = /^ *console\.log\(.*\); \/\/ (.*)$/gm;
const PROMISES = {
  program: LINES,
  page: LINES,
  script: LINES,
  /** `// POST photo.jpg: the answer` */
  server: /^\/\/ POST (\S+: .*)$/gm,
  /** `<!-- photo.jpg: the text -->` */
  html: /^<!-- (\S+: .*) -->$/gm,
};

/**
 * Lines that call our command line, and those that copy out of node_modules. `# -> text` behind a command says what it
 * prints; `# downloads` that it needs more network than npm's, so that it is left out.
 */
function commandsOf(code: string): Sample[] {
  return code
    .split("\n")
    .filter((line) => /^(npx mobilenets|cp -r node_modules)\b/.test(line) && !line.endsWith("# downloads"))
    .map((line) => {
      const [command, comment = ""] = line.split(/ +# /);
      return { kind: "command", command, promised: comment.startsWith("-> ") ? [comment.slice(3)] : [] };
    });
}

/** `photo.jpg: the answer` */
export function fileAndText(promise: string): { file: string; text: string } {
  const end = promise.indexOf(": ");
  return { file: basename(promise.slice(0, end)), text: promise.slice(end + 2) };
}
