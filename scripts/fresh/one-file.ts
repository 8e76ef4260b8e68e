// Tests the output of `mobilenets build` in every host, as one file and split into files. All must give the library's
// answer.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workersOf } from "./documents.ts";
import { askPage, PICTURE, withFolder } from "./page.ts";
import { type Answer, type Materials, NPM_QUIET, type Row } from "./project.ts";
import { run, withServer } from "./run.ts";

/** An answer with features. */
interface Full extends Answer {
  readonly embedding: readonly number[];
}

/** Tolerance of probabilities and features, compared with the library's. */
const TOLERANCE = 1e-4;

/** @throws Error for a host that fails or gives another answer */
export async function tryOneFile(root: string, materials: Materials): Promise<Row[]> {
  const { templates, samples, folder, browser, log } = materials;
  const started = Date.now();
  const project = join(folder, "one-file");
  await cp(join(templates, "one-file"), project, { recursive: true });
  await cp(join(templates, PICTURE), join(project, PICTURE));
  await cp(samples, join(project, "coffee.rgb"));
  await run(["npm", "ci", "--prefer-offline", ...NPM_QUIET], project);

  // Uses this workspace's command line; the samples of documents use the packed one.
  const mobilenets = async (...words: string[]) =>
    (await run([process.execPath, join(root, "packages/cli/bin/mobilenets.js"), ...words], project)).stdout;
  await mobilenets("build", "imagenet", "--out", "classifier.js");
  await mobilenets("build", "imagenet", "--out", "split/classifier.js", "--split");
  const [best] = JSON.parse(await mobilenets("classify", PICTURE, "--json")).topK;
  const { embedding } = JSON.parse(await mobilenets("embed", PICTURE, "--json"));
  const expected: Full = { ...best, embedding };

  const rows: Row[] = [];
  const add = (host: string, version: string, answers: readonly Full[], gzip?: number) => {
    for (const answer of answers) compare(host, answer, expected);
    rows.push({ host: `one built file, ${host}`, version, warnings: 0, answers, gzip });
  };
  const bin = (name: string) => `node_modules/.bin/${name}`;
  for (const [host, command, name] of [
    ["Node", [process.execPath], "node"],
    ["Node", ["node_modules/node24/bin/node"], "node"],
    ["Deno", [bin("deno"), "run", "--allow-read"], "deno"],
    ["Bun", [bin("bun")], "bun"],
  ] as const) {
    const version = (await run([command[0], "--version"], project)).stdout;
    const answers: Full[] = [];
    for (const module of ["./classifier.js", "./split/classifier.js"]) {
      answers.push(JSON.parse((await run([...command, "ask.js", module], project)).stdout));
    }
    add(host, /\d+\.\d+\.\d+/.exec(version)?.[0] ?? name, answers);
  }
  const page = async (folder: string) => {
    const { answer, gzip } = await withFolder(folder, join(project, PICTURE), (origin) => askPage(browser, origin));
    return { answer: answer as Full, gzip };
  };
  const one = await page(project);
  for (const name of ["index.html", "page.js", "coffee.rgb"])
    await cp(join(project, name), join(project, "split", name));
  const split = await page(join(project, "split"));
  add("Chromium", browser.version(), [one.answer, split.answer], one.gzip);

  const { version } = JSON.parse(await readFile(join(project, "node_modules/workerd/package.json"), "utf8"));
  const [worker] = workersOf(await readFile(join(root, "docs/build.md"), "utf8"));
  await writeFile(join(project, "documented.js"), worker.replace("./dist/photos.", "./classifier."));
  const serve = (port: number) => [bin("workerd"), "serve", "config.capnp", `--socket-addr=http=127.0.0.1:${port}`];
  const answer = await withServer(serve, project, async (origin) => {
    const asked = (path: string, init?: RequestInit) => fetch(`${origin}${path}`, init).then((one) => one.json());
    const body = new Uint8Array(await readFile(samples));
    const [documented] = await asked("/documented?width=192&height=192", { method: "POST", body });
    const full = (await asked("/")) as Full;
    compare("workerd, as documented", { ...documented, embedding: full.embedding }, expected);
    return full;
  });
  add("workerd, split", version, [answer]);
  log(`one built file: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return rows;
}

function compare(host: string, { label, probability, embedding }: Full, expected: Full): void {
  const differences = expected.embedding.map((x, i) => Math.abs(x - embedding[i]));
  const worst = Math.max(Math.abs(probability - expected.probability), ...differences);
  if (label === expected.label && embedding.length === differences.length && worst <= TOLERANCE) return;
  throw new Error(`one built file, ${host}: ${label}, ${probability}; features differ by ${worst}`);
}
