import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Application, Converter, LogLevel } from "typedoc";
import { anchorOf } from "./anchor.ts";

/** A page for each door of the library, by its file. */
const doors: Readonly<Record<string, string>> = {
  "index.ts": "main",
  "graph.ts": "graph",
  "weights.ts": "weights",
  "train.ts": "train",
  "search.ts": "search",
  "labels/imagenet.ts": "labels",
  "platform/store-node.ts": "store",
};

/** Writes Markdown from the library's docstrings. */
export async function writeApi(root: string, folder: string): Promise<void> {
  const source = join(root, "packages/mobilenets/src");
  await rm(folder, { recursive: true, force: true });
  const options = {
    entryPoints: Object.keys(doors).map((file) => join(source, file)),
    tsconfig: join(root, "apps/docs/typedoc.tsconfig.json"),
    plugin: ["typedoc-plugin-markdown"],
    // `npm run typecheck` does that.
    skipErrorChecking: true,
    logLevel: LogLevel.Warn,
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
    readme: "none",
    disableGit: true,
    gitRevision: "main",
    sourceLinkTemplate: "https://github.com/mobilenets/mobilenets/blob/main/{path}#L{line}",
    basePath: root,
    displayBasePath: root,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    sort: ["alphabetical" as const],
    groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables", "*"],
    outputs: [{ name: "markdown", path: folder }],
    outputFileStrategy: "modules",
    entryFileName: "index",
    modulesFileName: "modules",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandParameters: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    tableColumnSettings: { hideSources: true },
  };
  const app = await Application.bootstrapWithPlugins(options);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const [file] = Object.keys(doors).filter((one) => module.sources?.[0].fileName.endsWith(`mobilenets/src/${one}`));
      module.name = doors[file] ?? module.name;
    }
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc converts nothing");
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc has warnings, see above");
  for (const [file, name] of Object.entries(doors)) {
    const path = join(folder, `${name}.md`);
    const text = await readFile(path, "utf8");
    await writeFile(
      path,
      tidy(text.replace(`# ${name}\n`, `# ${importOf(name)}\n\n${await introductionOf(join(source, file))}`)),
    );
  }
  await writeFile(join(folder, "index.md"), await indexOf(source));
}

const importOf = (name: string) => (name === "main" ? "mobilenets" : `mobilenets/${name}`);

/**
 * Leaves out rules between entries, which headings divide already. Where a function and a type differ in their capitals
 * alone, TypeDoc counts more headings than there are: such a link goes to the last of them.
 */
function tidy(text: string): string {
  const slugs = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading.replace(/\\/g, "")));
  const last = (base: string) => {
    const count = slugs.filter((slug) => slug === base).length;
    return count > 1 ? `${base}-${count - 1}` : base;
  };
  return text
    .replaceAll("\n***\n", "")
    .replace(/\]\(#(.*?)-(\d+)\)/g, (all, base: string, n: string) =>
      Number(n) >= slugs.filter((slug) => slug === base).length ? `](#${last(base)})` : all,
    );
}

/** What a door's file says of itself, in the comment that it begins with. */
async function introductionOf(path: string): Promise<string> {
  const [comment] = /^(\/\/ .*\n)+/.exec(await readFile(path, "utf8")) ?? [""];
  const text = comment.replace(/^\/\/ (mobilenets\/\w+: )?/gm, "").trim();
  return text && `${text[0].toUpperCase()}${text.slice(1)}\n`;
}

async function indexOf(source: string): Promise<string> {
  const rows = Object.entries(doors).map(
    async ([file, name]) =>
      `| [\`${importOf(name)}\`](${name}.md) | ${(await introductionOf(join(source, file))).trim().replaceAll("\n", " ")} |`,
  );
  return [
    "# Entry points",
    "",
    "What the library exports, from its docstrings. Each import is a door of its own: a page loads what it imports.",
    "",
    "| import | holds |",
    "|---|---|",
    ...(await Promise.all(rows)),
    "",
  ].join("\n");
}
