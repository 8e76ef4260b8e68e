// Every page of the site, in the order of its sidebar. Tests hold it against the folder `docs`.

import { doors } from "./doors.ts";

/** A page by its file in the repository. */
export interface Page {
  readonly text: string;
  readonly path: string;
}

export interface Group {
  readonly text: string;
  readonly pages: readonly Page[];
}

/** Made by `scripts/build.ts`, and not committed. */
export const GENERATED = "apps/docs/generated";

const page = (path: string, text: string): Page => ({ path, text });

export const home: Page = page("docs/README.md", "Documentation");

export const groups: readonly Group[] = [
  {
    text: "Start here",
    pages: [
      page("docs/start/web-page.md", "A web page"),
      page("docs/start/node-service.md", "A Node service"),
      page("docs/start/python.md", "A model from Python"),
      page("docs/start/teacher.md", "A lesson"),
      page("docs/start/large-collection.md", "A large collection"),
      page("docs/migrate-tfjs-models.md", "From @tensorflow-models/mobilenet"),
      page("docs/migrate-teachablemachine.md", "From Teachable Machine"),
    ],
  },
  {
    text: "Guide",
    pages: [
      page("docs/command-line.md", "The command line"),
      page("docs/bundlers.md", "Bundlers, servers, Workers"),
      page("docs/build.md", "One file that runs anywhere"),
      page("docs/worker.md", "Off the main thread"),
      page("docs/training.md", "Training"),
      page("docs/similar.md", "Similar pictures"),
      page("docs/search.md", "Search and duplicates"),
      page("docs/map.md", "A map of pictures"),
      page("docs/store.md", "A store that grows"),
      page("docs/scale.md", "Many machines"),
      page("docs/serve.md", "A server"),
      page("docs/playground.md", "The playground"),
      page("docs/same-numbers.md", "The same numbers as in Python"),
      page("docs/formats.md", "File formats"),
      page("docs/pytorch.md", "PyTorch's files"),
      page("docs/files.md", "Files as people have them"),
    ],
  },
  {
    text: "Recipes",
    pages: [
      page("docs/recipes.md", "In code"),
      page("examples/README.md", "Projects to copy"),
      page("recipes/fashion-mnist/README.md", "Train Fashion-MNIST"),
      page("recipes/scale/README.md", "Clusters"),
    ],
  },
  {
    text: "The lesson",
    pages: [page("docs/lesson.md", "Why 108 becomes 39"), page("docs/explain.md", "The command explain")],
  },
  {
    text: "Help",
    pages: [
      page("docs/faq.md", "Questions by error text"),
      page("docs/errors.md", "Error classes"),
      page(`${GENERATED}/messages.md`, "Every message"),
    ],
  },
  {
    text: "API",
    pages: [
      page(`${GENERATED}/api/index.md`, "Entry points"),
      ...doors.map(({ name, page: file }) => page(`${GENERATED}/api/${file}.md`, name)),
    ],
  },
  {
    text: "About the project",
    pages: [
      page("docs/benchmarks.md", "Benchmarks"),
      page("ARCHITECTURE.md", "How it is built"),
      page("docs/lab.md", "What experiments taught"),
      page("docs/robustness.md", "What is promised"),
      page("docs/robustness-fuzzing.md", "How it is attacked"),
      page("SECURITY.md", "Security"),
      page("docs/dependencies.md", "Dependencies"),
      page("CONTRIBUTING.md", "How to contribute"),
      page("CHANGELOG.md", "Changes"),
    ],
  },
];

export const chineseHome: Page = page("docs/zh/README.md", "文档");

export const chineseGroups: readonly Group[] = [
  {
    text: "从这里开始",
    pages: [
      page("docs/zh/start/web-page.md", "网页"),
      page("docs/zh/start/node-service.md", "Node 服务"),
      page("docs/zh/lesson.md", "为什么 108 变成 39"),
    ],
  },
];

export const pages: readonly Page[] = [
  home,
  ...groups.flatMap(({ pages }) => pages),
  chineseHome,
  ...chineseGroups.flatMap(({ pages }) => pages),
];

/** Where a file of the repository is on the site, e.g. `start/web-page.md`: names of folders fall away, and capitals. */
export function addressOf(path: string): string {
  const inside = path.replace(/^docs\//, "").replace(`${GENERATED}/`, "");
  const file = inside.replace(/(^|\/)README\.md$/, (_, before: string) => (before ? ".md" : "index.md"));
  // The home of a language is the index of its folder.
  return file.toLowerCase().replace(/^zh\.md$/, "zh/index.md");
}
