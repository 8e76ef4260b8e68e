import { existsSync, statSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { addressOf, pages } from "./pages.ts";

const REPOSITORY = "https://github.com/mobilenets/mobilenets";
const addresses = new Map(pages.map(({ path }) => [path, `/${addressOf(path)}`]));

/** What VitePress says of the page that is rendered; `realPath` is the file where the page has another address. */
interface Env {
  readonly path: string;
  readonly realPath?: string;
}

/** The page's file, from the repository's root. */
export const fileOf = (env: Env, root: string): string => relative(root, env.realPath ?? env.path);

/**
 * Pages link to files of the repository, as GitHub wants it. A page of the site becomes its address there; any other file
 * is one on GitHub.
 * @throws Error for a link to no file
 */
export function repositoryLinks(md: MarkdownRenderer, root: string): void {
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href === null || /^([a-z]+:|#)/.test(href)) continue;
      token.attrSet("href", addressFor(href, fileOf(env, root), root));
    }
  });
}

/** @param from the file that has the link, from the repository's root */
export function addressFor(href: string, from: string, root: string): string {
  const [file, anchor] = href.split("#");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const target = posix.join(file.startsWith("/") ? "." : dirname(from), decodeURI(file)).replace(/\/$/, "");
  const address = addresses.get(target);
  if (address) return `${address}${hash}`;
  if (!existsSync(join(root, target))) throw new Error(`${from}: a link to ${href}, which is no file`);
  const kind = statSync(join(root, target)).isDirectory() ? "tree" : "blob";
  return `${REPOSITORY}/${kind}/main/${target}${hash}`;
}
