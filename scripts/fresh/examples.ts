// Installs the projects of `examples/` from the tarballs, builds them and checks their answers.
import { existsSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { writeShapes } from "../../test/cli/shapes.ts";
import { askWithFile, withFolder } from "./page.ts";
import { type Materials, NPM_QUIET } from "./project.ts";
import { run, withServer } from "./run.ts";

interface Example {
  readonly root: string;
  /** Folder of the installed project. */
  readonly project: string;
  readonly materials: Materials;
}

/** Checks by example. @throws Error for an unexpected result */
const checks: Readonly<Record<string, (example: Example) => Promise<void>>> = {
  "browser-page": async (example) => {
    await script(example, "build");
    await askPage(example, "Egyptian cat, 40 %");
  },
  "node-service": async ({ root, project }) => {
    const post = async (origin: string, body: Buffer<ArrayBuffer>) => {
      const response = await fetch(origin, { method: "POST", body });
      return { status: response.status, answer: await response.json() };
    };
    await withServer(
      () => [process.execPath, "server.js"],
      project,
      async (origin) => {
        const cat = await post(origin, await readFile(photograph(root, "cat")));
        expect("the cat's label", cat.answer[0]?.label, "Egyptian cat");
        expect("the number of answers", cat.answer.length, 3);
        expect("the status for what is no picture", (await post(origin, Buffer.from("text"))).status, 400);
        expect("the status for too much", (await post(origin, Buffer.alloc(21e6))).status, 413);
      },
    );
  },
  "similar-photos": async (example) => {
    const { root, project } = example;
    for (const name of ["cat", "espresso", "barn"]) {
      await cp(photograph(root, name), join(project, "photos", `${name}.jpg`));
    }
    await sharp(photograph(root, "cat"))
      .flop()
      .toFile(join(project, "photos", "mirrored.jpg"));
    const lines = (await script(example, "start", "photos")).trim().split("\n");
    expect("the number of lines", lines.length, 4);
    expect("the cat's neighbour", lines[1].split("  ").slice(0, 2).join(), "cat.jpg,mirrored.jpg");
    expect("its likeness", Number(lines[1].split("  ")[2]) > 0.9, true);
  },
  "teach-own-classes": async (example) => {
    const { project } = example;
    await writeShapes(join(project, "pictures"), 12);
    await script(example, "train");
    const said = await script(example, "ask", "pictures/circle/3.png", "pictures/square/4.png");
    const labels = said.trim().split("\n");
    expect("the labels", labels.map((line) => line.split("  ")[1]).join(), "circle,square");
  },
  "python-to-web": async (example) => {
    const { root, project } = example;
    await cp(join(root, "test/golden/torch/torchvision-v3-small.pth"), join(project, "model.pth"));
    await script(example, "convert");
    const said = (await script(example, "check", photograph(root, "cat"))).trim();
    expect("a label and its probability", /^class \d, \d+ %$/.test(said), true);
    await script(example, "build");
    await askPage(example, said);
  },
};

export async function tryExamples(root: string, cli: string, materials: Materials): Promise<void> {
  const { tarballs, folder, log } = materials;
  for (const [name, check] of Object.entries(checks)) {
    const started = Date.now();
    const project = join(folder, "examples", name);
    await cp(join(root, "examples", name), project, { recursive: true });
    const manifest = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    const packed = declared.includes("@mobilenets/cli") ? [...tarballs, cli] : tarballs;
    await run(["npm", "install", "--no-save", "--prefer-offline", ...NPM_QUIET, ...packed], project);
    for (const dependency of declared) {
      expect(`${name} has ${dependency}`, existsSync(join(project, "node_modules", dependency)), true);
    }
    await check({ root, project, materials }).catch((error: Error) => {
      throw new Error(`examples/${name}: ${error.message}`, { cause: error });
    });
    log(`examples/${name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
}

const photograph = (root: string, name: string) => join(root, "examples/photographs", `${name}.jpg`);

async function script({ project }: Example, name: string, ...words: readonly string[]): Promise<string> {
  return (await run(["npm", "run", "--silent", name, "--", ...words], project)).stdout;
}

/** Classifies the photograph of a cat in the built page. */
async function askPage({ root, project, materials }: Example, text: string): Promise<void> {
  const ask = (origin: string) => askWithFile(materials.browser, origin, photograph(root, "cat"), text);
  await withFolder(join(project, "dist"), "", ask, { styles: true });
}

function expect<T>(what: string, found: T, expected: T): void {
  if (found !== expected) throw new Error(`${what} is ${found}, expected ${expected}`);
}
