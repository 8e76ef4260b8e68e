// Runs the code and the commands of documents in a project with only the tarballs and their dependencies.
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";
import { globSync } from "tinyglobby";
import { writeShapes } from "../../test/cli/shapes.ts";
import { fileAndText, type Sample, samplesOf, slugOf } from "./documents.ts";
import { askWithFile, readConsole, withFolder } from "./page.ts";
import { install, type Materials } from "./project.ts";
import { run, withServer } from "./run.ts";

/** Documents with samples. docs/bundlers.md and docs/explain.md have separate tests in `test/`. */
export const documents: readonly string[] = [
  "README.md",
  "packages/*/README.md",
  "docs/README.md",
  "docs/build.md",
  "docs/errors.md",
  "docs/faq.md",
  "docs/lesson.md",
  "docs/migrate-teachablemachine.md",
  "docs/migrate-tfjs-models.md",
  "docs/recipes.md",
  "docs/same-numbers.md",
  "docs/search.md",
  "docs/similar.md",
  "docs/start/*.md",
  "docs/training.md",
  "docs/worker.md",
];
/** Documents whose commands fetch weights, train for long or move files; test/cli runs similar ones. */
const CODE_ONLY = ["docs/search.md", "docs/training.md"];

interface Place {
  /** The project, with a folder for each document. */
  readonly project: string;
  /** The document's folder. */
  readonly folder: string;
  readonly slug: string;
  /** Modules of the document's pages, by names without extension. */
  readonly modules: readonly string[];
  readonly materials: Materials;
}

/** @throws Error for a sample with a type error, a failure or other output than promised */
export async function trySamples(root: string, cli: string, materials: Materials): Promise<void> {
  const started = Date.now();
  const { templates, tarballs, folder, log } = materials;
  const project = join(folder, "samples");
  await cp(join(templates, "samples"), project, { recursive: true });
  await install(project, [...tarballs, cli]);

  const materialsOfAll = join(folder, "materials");
  await writeMaterials(root, materialsOfAll);
  const all = new Map<string, readonly Sample[]>();
  for (const path of globSync(documents, { cwd: root }).sort()) {
    const samples = samplesOf(path, await readFile(join(root, path), "utf8")).filter(
      ({ kind }) => kind !== "command" || !CODE_ONLY.includes(path),
    );
    all.set(path, samples);
    const place = join(project, slugOf(path));
    await cp(materialsOfAll, place, { recursive: true });
    await symlink(join(project, "node_modules"), join(place, "node_modules"));
    for (const sample of samples) {
      if (!["program", "page", "server"].includes(sample.kind) || sample.kind === "command") continue;
      await writeFile(join(place, `${sample.name}.ts`), sample.code);
    }
  }
  await run(["npm", "run", "--silent", "build"], project);

  const counts: Record<string, number> = {};
  const errors: string[] = [];
  for (const [path, samples] of all) {
    const slug = slugOf(path);
    const modules = samples.flatMap((sample) => (sample.kind === "module" ? [sample.name] : []));
    const place = { project, folder: join(project, slug), slug, modules, materials };
    for (const sample of samples) {
      await trySample(sample, place).catch((error: Error) => {
        errors.push(`${path}: ${error.message}`);
      });
      counts[sample.kind] = (counts[sample.kind] ?? 0) + 1;
    }
  }
  if (errors.length > 0) throw new Error(errors.join("\n\n"));
  for (const kind of ["program", "page", "server", "html", "script", "module", "command"]) {
    if (!counts[kind]) throw new Error(`documents have no ${kind}`);
  }
  const found = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`);
  log(`samples of ${all.size} documents (${found.join(", ")}): ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

async function trySample(sample: Sample, place: Place): Promise<void> {
  const { project, folder, slug, materials } = place;
  const { promised } = sample;
  if (sample.kind === "command") {
    const { stdout, text } = await run(wordsOf(sample.command), folder);
    if (stdout === "" && sample.command.startsWith(NPX)) throw new Error(`${sample.command} printed nothing`);
    for (const part of promised) {
      if (!text.includes(part)) throw new Error(`${sample.command}: ${part} is not in what it prints\n${text}`);
    }
    return;
  }
  const { kind, name, code } = sample;
  // The page that names the module loads it.
  if (kind === "module") return writeFile(join(folder, `${name}.js`), code);
  const script = kind === "script" ? join(folder, `${name}.js`) : join(project, "out", slug, `${name}.js`);
  if (kind === "script") await writeFile(script, code);
  if (kind === "program" || kind === "script") {
    const { stdout } = await run([process.execPath, script], folder);
    const printed = stdout.split("\n");
    for (const line of promised) {
      if (!printed.includes(line)) throw new Error(`${line} is not in what a sample prints\n${code}\n${stdout}`);
    }
  } else if (kind === "server") {
    const command = () => [process.execPath, script];
    await withServer(command, folder, (origin) => Promise.all(promised.map((line) => post(origin, line, folder))));
  } else if (kind === "html") {
    await writeFile(join(folder, "index.html"), code);
    await withFolder(
      folder,
      "",
      async (origin) => {
        for (const { file, text } of promised.map(fileAndText)) {
          await askWithFile(materials.browser, origin, join(folder, file), text);
        }
      },
      { inlineScripts: true },
    );
  } else {
    const page = join(folder, name);
    const entries = place.modules
      .filter((module) => code.includes(`"./${module}.js"`))
      .map((module) => `${module}=${join(folder, module)}.js`);
    if (code.includes('"mobilenets/worker"')) entries.push(THREAD);
    const flags = ["--bundle", "--splitting", "--format=esm", `--outdir=${page}`];
    await run(["node_modules/.bin/esbuild", `index=${script}`, ...entries, ...flags], project);
    await writeFile(join(page, "index.html"), PAGE);
    for (const file of ["photo.jpg", "another.png", WEIGHTS]) await cp(join(folder, file), join(page, basename(file)));
    await withFolder(page, "", (origin) => readConsole(materials.browser, origin, promised));
  }
}

const NPX = "npx mobilenets ";

/** The command without npx, which takes half a second per command; `command-line.ts` tests npx. */
function wordsOf(command: string): string[] {
  return command.replace(NPX, "node_modules/.bin/mobilenets ").split(" ");
}

async function post(origin: string, promise: string, folder: string): Promise<void> {
  const { file, text } = fileAndText(promise);
  const response = await fetch(origin, { method: "POST", body: await readFile(join(folder, file)) });
  const answer = await response.text();
  if (answer.trim() !== text) throw new Error(`POST ${file}: HTTP status ${response.status}, ${answer}`);
}

const THREAD = "model-thread=node_modules/mobilenets/dist/web/model-thread.js";
const WEIGHTS = "node_modules/@mobilenets/weights-imagenet/efficientnet_lite0.safetensors";
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>A sample</title>
  <link rel="icon" href="data:,">
  <script type="module" src="index.js"></script>
</html>
`;

/** Writes the files that documents use: photographs, a folder of them, classes to train on, and files of other tools. */
async function writeMaterials(root: string, folder: string): Promise<void> {
  const photographs = join(root, "examples/photographs");
  await mkdir(join(folder, "photos"), { recursive: true });
  await writeFile(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  await cp(join(photographs, "cat.jpg"), join(folder, "photo.jpg"));
  await sharp(join(photographs, "espresso.jpg")).toFile(join(folder, "another.png"));
  // A copy that differs in bytes, so it is very similar to the one in the folder.
  await sharp(join(photographs, "cat.jpg")).resize(320).toFile(join(folder, "new.jpg"));
  for (const name of ["cat", "espresso", "barn", "rocket"]) {
    await cp(join(photographs, `${name}.jpg`), join(folder, "photos", `${name}.jpg`));
  }
  // Near duplicates.
  await sharp(join(photographs, "rocket.jpg")).resize(400).toFile(join(folder, "photos/rocket-small.jpg"));
  await writeShapes(join(folder, "products"), 12);
  await writeFile(join(folder, "labels.txt"), "ant\nbee\nbeetle\nfly\nwasp\n");
  await cp(join(root, "test/golden/torch/torchvision-v3-small.pth"), join(folder, "model.pth"));
  await cp(join(root, "test/golden/tfjs/v1-float32"), join(folder, "web_model"), { recursive: true });
  await cp(join(root, "test/golden/teachable-machine"), join(folder, "tm"), { recursive: true });
}
