#!/usr/bin/env node
// The command line is a package of its own, so that the library depends on nothing. This finds it beside the library or
// in the project at hand.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const CLI = "@mobilenets/cli";

/** Undefined if the package is not installed. */
function find() {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(`${CLI}/main`);
    } catch {}
  }
}

const main = find();
if (main) {
  await import(pathToFileURL(main).href);
} else {
  console.error(
    `mobilenets: the command line is the package ${CLI}, which is not installed here\n` +
      `  npx ${CLI} ${process.argv.slice(2).join(" ") || "--help"}    runs it once\n` +
      `  npm install ${CLI}    adds it to this project; then npx mobilenets works`,
  );
  process.exitCode = 2;
}
