// Runs the code and the commands of documents in a project that has only the tarballs and what they bring.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { writeShapes } from "../../test/cli/shapes.ts";
import { PICTURE, readConsole, withFolder } from "./page.ts";
import { type Materials, NPM_QUIET } from "./project.ts";
import { run } from "./run.ts";

const DOCUMENTS = ["packages/mobilenets/README.md", "packages/weights-imagenet/README.md", "packages/cli/README.md"];
/** How a sample begins that is for a page; others are for Node. */
const FOR_PAGES = "// In a page.";

interface Sample {
  readonly document: string;
  /** In the project, without its ending. */
  readonly name: string;
  readonly code: string;
  /** What comments behind `console.log(...);` say that it prints. */
  readonly promised: readonly string[];
}

/** @throws Error for a sample that is badly typed, fails, or does not print what it says */
export async function trySamples(root: string, cli: string, materials: Materials): Promise<void> {
  const started = Date.now();
  const { templates, tarballs, folder, log } = materials;
  const project = join(folder, "samples");
  await cp(join(templates, "samples"), project, { recursive: true });
  await run(["npm", "ci", "--prefer-offline", ...NPM_QUIET], project);
  await run(["npm", "install", "--no-save", "--prefer-offline", ...NPM_QUIET, ...tarballs, cli], project);
  await writePictures(join(templates, PICTURE), project);

  let programs = 0;
  let commands = 0;
  for (const path of DOCUMENTS) {
    const text = await readFile(join(root, path), "utf8");
    const samples = samplesOf(path, text);
    for (const { name, code } of samples) await writeFile(join(project, `${name}.ts`), code);
    if (samples.length > 0) await run(["npm", "run", "--silent", "build"], project);
    for (const sample of samples) await trySample(sample, project, materials);
    programs += samples.length;
    for (const command of blocks(text, "sh").flatMap((block) => block.match(/^npx mobilenets .*$/gm) ?? [])) {
      const { stdout } = await run(["npx", "--no-install", ...command.split(" ").slice(1)], project);
      if (stdout === "") throw new Error(`${path}: ${command} printed nothing`);
      commands++;
    }
  }
  if (programs < 5 || commands < 3) throw new Error(`only ${programs} programs and ${commands} commands in documents`);
  log(`${programs} programs and ${commands} commands of documents: ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

function samplesOf(document: string, text: string): Sample[] {
  const prefix = basename(dirname(document));
  return blocks(text, "ts").map((code, i) => {
    const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    return { document, name: `${prefix}-${i + 1}`, code, promised };
  });
}

async function trySample({ document, name, code, promised }: Sample, project: string, materials: Materials) {
  if (promised.length === 0) throw new Error(`${document}: a sample that promises to print nothing\n${code}`);
  if (code.startsWith(FOR_PAGES)) {
    const page = join(project, "pages", name);
    await run(["npx", "esbuild", `out/${name}.js`, "--bundle", "--format=esm", `--outfile=${page}/index.js`], project);
    await writeFile(join(page, "index.html"), PAGE);
    for (const file of ["photo.jpg", WEIGHTS]) await cp(join(project, file), join(page, basename(file)));
    await withFolder(page, "", (origin) => readConsole(materials.browser, origin, promised));
    return;
  }
  const { stdout } = await run([process.execPath, `out/${name}.js`], project);
  const printed = stdout.split("\n");
  for (const line of promised) {
    if (!printed.includes(line)) throw new Error(`${document}: ${line} is not in what the sample prints\n${stdout}`);
  }
}

const WEIGHTS = "node_modules/@mobilenets/weights-imagenet/efficientnet_lite0.safetensors";
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>A sample</title>
  <link rel="icon" href="data:,">
  <script type="module" src="index.js"></script>
</html>
`;

/** What documents speak of: photographs, a folder of them, and a folder of classes to train on. */
async function writePictures(picture: string, project: string): Promise<void> {
  await mkdir(join(project, "photos"));
  for (const name of ["photo.jpg", "another.png", "photos/1.jpg", "photos/2.webp"]) {
    await sharp(picture).toFile(join(project, name));
  }
  await writeShapes(join(project, "products"), 12);
}

/** The contents of a document's code blocks of a language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, is]) => is === language).map(([, , code]) => code);
}
