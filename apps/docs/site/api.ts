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
  const texts = new Map<string, string>();
  for (const { name, page, source } of doors) {
    const text = await readFile(join(folder, `${page}.md`), "utf8");
    const head = `# ${name}\n\n${await introductionOf(join(library, source))}`;
    texts.set(page, text.replace(`# ${page}\n`, head).replaceAll("\n***\n", ""));
  }
  for (const page of texts.keys()) await writeFile(join(folder, `${page}.md`), withRightAnchors(page, texts));
  await writeFile(join(folder, "index.md"), await indexOf(library));
}

/**
 * Where a function and a type differ in their capitals alone, TypeDoc counts more headings than there are: a link to one of
 * them goes to the last.
 */
function withRightAnchors(page: string, texts: ReadonlyMap<string, string>): string {
  return texts
    .get(page)!
    .replace(/\]\((?:([\w-]+)\.md)?#([^)]*?)-(\d+)\)/g, (all, target: string = page, base: string, n: string) => {
      const headings = [...(texts.get(target) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchorOf(text));
      const count = headings.filter((heading) => heading === base).length;
      if (count === 0 || Number(n) < count) return all;
      return all.replace(/-\d+\)$/, count > 1 ? `-${count - 1})` : ")");
    });
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
