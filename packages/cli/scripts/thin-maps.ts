// Leaves in each source map of dist/ the first place of a line: a stack trace then names the right line, and the packed
// command line is a tenth smaller. Columns are some hundred kilobytes that nobody reads.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type RawSourceMap, SourceMapConsumer, SourceMapGenerator } from "source-map-js";
import { globSync } from "tinyglobby";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
for (const path of globSync("**/*.js.map", { cwd: dist, absolute: true })) {
  const map = JSON.parse(readFileSync(path, "utf8")) as RawSourceMap;
  const thin = new SourceMapGenerator({ file: map.file });
  let last = 0;
  new SourceMapConsumer(map).eachMapping(({ generatedLine, generatedColumn, originalLine, originalColumn, source }) => {
    if (generatedLine === last || source === null || originalLine === null || originalColumn === null) return;
    last = generatedLine;
    const generated = { line: generatedLine, column: generatedColumn };
    thin.addMapping({ source, generated, original: { line: originalLine, column: originalColumn } });
  });
  map.sources.forEach((source, i) => {
    thin.setSourceContent(source, map.sourcesContent?.[i] ?? "");
  });
  writeFileSync(path, thin.toString());
}
