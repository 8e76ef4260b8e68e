import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformerTwoslash } from "@shikijs/vitepress-twoslash";
import ts from "typescript";
import { doors } from "./doors.ts";

/** As a reader's project that follows `docs/bundlers.md`, strict. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  strict: true,
  skipLibCheck: true,
};

const library = new URL("../../../packages/mobilenets/", import.meta.url);
const METHODS = ["classify", "embed", "features", "predict", "dispose"];

/** What the library's doors export, and the model's methods. */
const ours = new Set([
  ...METHODS,
  ...doors.flatMap(({ source }) => {
    const lists = readFileSync(new URL(source, library), "utf8").matchAll(/^export (?:type )?\{(.*?)\}/gms);
    return [...lists].flatMap(([, list]) => list.match(/\w+(?=\s*(?:,|$))/g) ?? []);
  }),
]);

/** Which names show their types when pointed at: all of them would make pages many times as large. */
const isOurs = (name: string): boolean => ours.has(name);

/** Without a slash at its end, with which twoslash sees no errors. */
const folder = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const WRONG = 'const wrong: number = "text";\n';

/**
 * What shows the types of samples.
 * @throws Error for a sample of wrong types; and here, if it should find none in a wrong one
 */
export function sampleChecker(): ReturnType<typeof transformerTwoslash> {
  const checker = transformerTwoslash({
    explicitTrigger: true,
    twoslashOptions: { compilerOptions, vfsRoot: folder, shouldGetHoverInfo: isOurs },
    onTwoslashError(error, code) {
      throw new Error(`a sample of wrong types\n${code}\n${(error as Error).message}`, { cause: error });
    },
  });
  const options = { lang: "ts", meta: { __raw: "twoslash" } };
  try {
    checker.preprocess?.call({ options, meta: {} } as never, WRONG, options as never);
  } catch {
    return checker;
  }
  throw new Error("twoslash finds no wrong types in a wrong sample");
}
