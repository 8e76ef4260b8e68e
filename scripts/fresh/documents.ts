// Extracts samples from documents: programs, pages, servers and commands, with their promised output.
import { basename } from "node:path";

/** First lines of samples that are not Node programs that end by themselves. */
const FOR_PAGES = "// In a page.";
const SERVES = "// A server.";
const WORKER = "// A Worker.";

/** A sample of a document. */
export type Sample =
  | {
      /**
       * `program`: for Node. `page`: for a bundler. `server`: waits for requests. `html`: a complete page. `script`: for Node,
       * with modules that the document's commands write. `module`: a module that a page of the document names.
       */
      readonly kind: "program" | "page" | "server" | "html" | "script" | "module";
      /** A file's name in the document's folder, without extension. */
      readonly name: string;
      readonly code: string;
      /** Expected lines of output, a page's text, or a server's answers. */
      readonly promised: readonly string[];
    }
  | { readonly kind: "command"; readonly command: string; readonly promised: readonly string[] };

/** The folder of a document's samples. */
export function slugOf(path: string): string {
  return path.replace(/\.md$/, "").replaceAll("/", "-").toLowerCase();
}

/** @throws Error for code without promised output: a sample that cannot fail proves nothing */
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

/** First line of a module that pages name: its file name. */
const MODULE = /^\/\/ (\S+)\.js\n/;

/** A document's code for workerd, which one-file.ts runs. */
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
 * Lines that call our command line, and lines that copy from node_modules. `# -> text` after a command is its expected
 * output; `# downloads` marks a command that needs the network, which is left out.
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
