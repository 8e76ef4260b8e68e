import { readFileSync } from "node:fs";
import ts from "typescript";
import { doors } from "./doors.ts";

/** As a reader's project that follows `docs/bundlers.md`, strict. */
export const compilerOptions: ts.CompilerOptions = {
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
export const isOurs = (name: string): boolean => ours.has(name);
