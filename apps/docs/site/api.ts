import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Application, Converter, LogLevel } from "typedoc";
import { anchorOf } from "./anchor.ts";
import { doors } from "./doors.ts";

/** Writes Markdown from the library's docstrings. */
export async function writeApi(root: string, folder: string): Promise<void> {
  const library = join(root, "packages/mobilenets");
  await rm(folder, { recursive: true, force: true });
  const options = {
    entryPoints: doors.map(({ source }) => join(library, source)),
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
      const door = doors.find(({ source }) => module.sources?.[0].fileName.endsWith(`packages/mobilenets/${source}`));
      module.name = door?.page ?? module.name;
    }
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc converts nothing");
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc has warnings, see above");
  for (const { name, page, source } of doors) {
    const path = join(folder, `${page}.md`);
    const text = await readFile(path, "utf8");
    const head = `# ${name}\n\n${await introductionOf(join(library, source))}`;
    await writeFile(path, tidy(text.replace(`# ${page}\n`, head)));
  }
  await writeFile(join(folder, "index.md"), await indexOf(library));
}

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
  const text = comment.replace(/^\/\/ (mobilenets\/[\w/-]+: )?/gm, "").trim();
  return text && `${text[0].toUpperCase()}${text.slice(1)}\n`;
}

async function indexOf(library: string): Promise<string> {
  const rows = doors.map(async ({ name, page, source }) => {
    const text = await introductionOf(join(library, source));
    return `| [\`${name}\`](${page}.md) | ${text.trim().replaceAll("\n", " ")} |`;
  });
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
