/** A folder of test/fresh, with the commands to build and test its project. */
export interface Host {
  /** Name of the folder, and for `--only`. */
  readonly name: string;
  /** Name in the table. */
  readonly title: string;
  /** The npm package whose version is in the table. */
  readonly tool: string;
  /** Further folders of test/fresh to copy. */
  readonly shared: readonly ("page" | "server")[];
  /** npm scripts to run in this order; each must end with exit code 0. */
  readonly scripts: readonly string[];
  /** The ways to get an answer, with a row of the table each. */
  readonly ways: readonly Way[];
}

/** A way to get an answer. */
export type Way =
  /** A folder of files, as a page in Chromium with a strict content security policy and cross-origin isolation. */
  | { readonly kind: "page"; readonly folder: string; readonly title?: string }
  /** A server's page in Chromium, and its JSON routes. */
  | {
      readonly kind: "server";
      readonly command: readonly string[];
      readonly routes: readonly string[];
      /** Whether the server sends the headers of cross-origin isolation, without which there is one thread. */
      readonly isolated: boolean;
      readonly title?: string;
    }
  /** A program that prints the answer as JSON. */
  | { readonly kind: "program"; readonly command: readonly string[]; readonly title?: string };

const PAGE_SCRIPTS = ["typecheck", "build", "build:bare"];
/**
 * The output folder of `build:bare`, a page without the package of weights. It is built with the settings that silence
 * warnings about missing peers, if the tool has them.
 */
export const BARE = "dist-bare";
const DIST: Way = { kind: "page", folder: "dist" };
/** Placeholder of the port in commands. */
export const PORT = "PORT";
const viteServer = (isolated: boolean): Way => ({
  kind: "server",
  command: ["node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--strictPort", "--port", PORT],
  routes: [],
  isolated,
  title: "development server",
});

/** Hosts, the slowest first, so that two at a time end together. */
export const hosts: readonly Host[] = [
  {
    name: "next",
    title: "Next.js (Turbopack)",
    tool: "next",
    shared: ["page"],
    scripts: ["typecheck", "build"],
    ways: [
      {
        kind: "server",
        command: ["node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", PORT],
        routes: ["/api", "/api?by-name", "/api?worker"],
        isolated: true,
        title: "page and route",
      },
    ],
  },
  { name: "webpack", title: "webpack", tool: "webpack", shared: ["page"], scripts: PAGE_SCRIPTS, ways: [DIST] },
  { name: "rollup", title: "Rollup", tool: "rollup", shared: ["page"], scripts: PAGE_SCRIPTS, ways: [DIST] },
  { name: "parcel", title: "Parcel", tool: "parcel", shared: ["page"], scripts: PAGE_SCRIPTS, ways: [DIST] },
  {
    name: "vite",
    title: "Vite",
    tool: "vite",
    shared: ["page"],
    scripts: PAGE_SCRIPTS,
    ways: [DIST, viteServer(false)],
  },
  {
    name: "vite-7",
    title: "Vite",
    tool: "vite",
    shared: ["page"],
    scripts: PAGE_SCRIPTS,
    ways: [DIST, viteServer(true)],
  },
  {
    name: "esbuild",
    title: "esbuild",
    tool: "esbuild",
    shared: ["page", "server"],
    scripts: [...PAGE_SCRIPTS, "build:server"],
    ways: [
      { kind: "page", folder: "dist", title: "esm" },
      { kind: "page", folder: "dist-iife", title: "iife" },
      { kind: "program", command: [process.execPath, "dist-server/server.js"], title: "for Node" },
    ],
  },
  {
    name: "no-bundler",
    title: "no bundler",
    tool: "mobilenets",
    shared: [],
    scripts: ["build"],
    ways: [DIST],
  },
  {
    name: "workers",
    title: "Miniflare (workerd), built by Wrangler",
    tool: "miniflare",
    shared: [],
    scripts: ["typecheck", "build"],
    ways: [{ kind: "program", command: [process.execPath, "run.mjs"] }],
  },
  {
    name: "deno",
    title: "Deno",
    tool: "deno",
    shared: ["server"],
    scripts: ["typecheck"],
    ways: [{ kind: "program", command: ["node_modules/.bin/deno", "run", "--allow-read", "server.ts"] }],
  },
  {
    name: "bun",
    title: "Bun",
    tool: "bun",
    shared: ["server"],
    scripts: [],
    ways: [{ kind: "program", command: ["node_modules/.bin/bun", "server.ts"] }],
  },
];

/** Node always runs: its first answer is the expected one. */
export const node: Host = {
  name: "node",
  title: "Node",
  tool: "node",
  shared: ["server"],
  scripts: ["typecheck", "build"],
  ways: [
    { kind: "program", command: [process.execPath, "dist/server.js"] },
    { kind: "program", command: [process.execPath, "require.cjs"], title: "require()" },
    ...["node22", "node24"].flatMap((name): Way[] => {
      const binary = `node_modules/${name}/bin/node`;
      return [
        { kind: "program", command: [binary, "dist/server.js"] },
        { kind: "program", command: [binary, "require.cjs"], title: "require()" },
      ];
    }),
  ],
};
