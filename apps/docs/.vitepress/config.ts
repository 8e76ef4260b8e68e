import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import type { PluginOption } from "vite";
import { defineConfig } from "vitepress";
import { without } from "../../playground/build/without.ts";
import { withoutAsset } from "../../playground/build/without-asset.ts";
import { withoutLazy } from "../../playground/build/without-lazy.ts";
import { anchorOf } from "../site/anchor.ts";
import { colours } from "../site/colours.ts";
import { inlineDrawings } from "../site/drawings.ts";
import { figuresInBrowsers } from "../site/figures-in-browsers.ts";
import { repositoryLinks } from "../site/links.ts";
import { addressOf, chineseGroups, chineseHome, type Group, groups, home, pages } from "../site/pages.ts";
import { checkSamples } from "../site/samples.ts";
import { plainWhenIndexed, renderForSearch } from "../site/search.ts";
import { sampleChecker } from "../site/twoslash.ts";
import { vueOfThisFolder } from "../site/vue.ts";
import { chinese } from "./chinese.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const shown = new Set(pages.map(({ path }) => path));
const others = globSync(["**/*.md", "!**/node_modules/**", "!**/dist/**"], { cwd: root }).filter(
  (path) => !shown.has(path),
);
const homes = [home, chineseHome].map(({ path }) => addressOf(path));

const linkOf = (path: string) => `/${addressOf(path).replace(/(index)?\.md$/, "")}`;
const sidebarOf = (list: readonly Group[]) =>
  list.map(({ text, pages }) => ({ text, items: pages.map((page) => ({ text: page.text, link: linkOf(page.path) })) }));

export default defineConfig({
  title: "MobileNets",
  description:
    "MobileNets for TypeScript: build, run, train and extract features; in the browser, in Node, at the edge.",
  // A site of the repository's own Markdown files, where they lie.
  srcDir: root,
  srcExclude: others,
  rewrites: Object.fromEntries(pages.map(({ path }) => [path, addressOf(path)])),
  outDir: fileURLToPath(new URL("../dist", import.meta.url)),
  cacheDir: fileURLToPath(new URL("../node_modules/.vitepress", import.meta.url)),
  // For a site below another's root, e.g. `/mobilenets/`.
  base: process.env.DOCS_BASE ?? "/",
  head: [["link", { rel: "icon", href: "data:image/svg+xml," + encodeURIComponent(icon()) }]],
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
    codeTransformers: [sampleChecker()],
    config(md) {
      repositoryLinks(md, root);
      inlineDrawings(md, root);
      checkSamples(md, root);
      plainWhenIndexed(md);
    },
  },
  transformPageData(data) {
    if (!homes.includes(data.relativePath)) return;
    data.frontmatter = { ...data.frontmatter, sidebar: false, aside: false, pageClass: "home", editLink: false };
  },
  themeConfig: {
    // Few pages are translated: the other language begins at its first page.
    i18nRouting: false,
    search: {
      provider: "local",
      options: {
        _render: (source, env, md) => renderForSearch(source, env, (text, own) => md.render(text, own)),
        locales: { zh: { translations: chinese.search } },
      },
    },
    socialLinks: [{ icon: "github", link: "https://github.com/mobilenets/mobilenets" }],
    editLink: {
      pattern: ({ filePath }) => `https://github.com/mobilenets/mobilenets/blob/main/${filePath}`,
      text: "This page on GitHub",
    },
    outline: [2, 3],
  },
  locales: {
    root: {
      label: "English",
      lang: "en",
      themeConfig: {
        nav: [
          { text: "Start", link: linkOf("docs/start/web-page.md"), activeMatch: "^/start/" },
          { text: "Guide", link: linkOf("docs/command-line.md") },
          { text: "Recipes", link: linkOf("docs/recipes.md"), activeMatch: "^/(recipes|examples)" },
          { text: "Lesson", link: linkOf("docs/lesson.md") },
          { text: "API", link: "/api/", activeMatch: "^/api/" },
          { text: "Help", link: linkOf("docs/faq.md"), activeMatch: "^/(faq|errors|messages)" },
        ],
        sidebar: sidebarOf(groups),
      },
    },
    zh: {
      label: "中文",
      lang: "zh-Hans",
      description: chinese.description,
      themeConfig: {
        ...chinese.theme,
        nav: [
          { text: "开始", link: linkOf("docs/zh/start/web-page.md"), activeMatch: "^/zh/start/" },
          { text: "原理", link: linkOf("docs/zh/lesson.md") },
          { text: "指南（英文）", link: linkOf("docs/command-line.md") },
          { text: "API（英文）", link: "/api/" },
          { text: "帮助（英文）", link: linkOf("docs/faq.md") },
        ],
        sidebar: sidebarOf(chineseGroups),
      },
    },
  },
  vite: {
    // ONNX Runtime is 40 MB that the figures do not ask for.
    plugins: [
      colours(),
      vueOfThisFolder(),
      figuresInBrowsers(),
      ofPlayground(without("onnxruntime-web")),
      ofPlayground(withoutLazy()),
      ofPlayground(withoutAsset("fashion-mnist.safetensors")),
    ],
    // Figures import the library, which pages take from its build for them.
    build: { target: "es2022", chunkSizeWarningLimit: 2000 },
    server: { fs: { allow: [root] } },
  },
});

/** The playground has another version of Vite, with types of its own. */
function ofPlayground(plugin: { readonly name: string }): PluginOption {
  return plugin as PluginOption;
}

/** A stack of three planes, the first in front. */
function icon(): string {
  const planes = [
    [11, 3, "#8a56c2"],
    [7, 7, "#c8671b"],
    [3, 11, "#2f66d0"],
  ].map(([x, y, colour]) => `<rect x="${x}" y="${y}" width="18" height="18" rx="3" fill="${colour}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${planes.join("")}</svg>`;
}
