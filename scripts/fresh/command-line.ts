// Tests `npx mobilenets` of the library's thin bin, with and without the command line's package, in npm's default layout
// of node_modules and with --install-strategy=linked, where a package finds only its declared dependencies.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PICTURE } from "./page.ts";
import { type Answer, type Materials, NPM_QUIET, type Row } from "./project.ts";
import { attempt, run } from "./run.ts";

const ADVICE = "mobilenets: the command line is the package @mobilenets/cli, which is not installed here";

export async function tryCommandLine(cli: string, materials: Materials): Promise<Row[]> {
  const rows: Row[] = [];
  for (const strategy of ["hoisted", "linked"]) {
    const started = Date.now();
    const project = join(materials.folder, `command-line-${strategy}`);
    await mkdir(project, { recursive: true });
    await writeFile(join(project, "package.json"), `{ "private": true, "type": "module" }\n`);
    for (const name of ["node/require.cjs", PICTURE]) {
      await cp(join(materials.templates, name), join(project, name.split("/").at(-1) as string));
    }
    await cp(materials.samples, join(project, "coffee.rgb"));
    const install = (tarballs: readonly string[]) =>
      run(["npm", "install", "--no-save", `--install-strategy=${strategy}`, ...NPM_QUIET, ...tarballs], project);

    await install(materials.tarballs);
    await checkAdvice(project);
    const answers = [await found(project)];
    await install([...materials.tarballs, cli]);
    answers.push(await found(project), await classify(project));
    rows.push({ host: `\`npx mobilenets\`, ${strategy}`, version: await versionOf(project), warnings: 0, answers });
    materials.log(`command line, ${strategy}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return rows;
}

/** Without the command line's package, expects advice on what to install and the exit code of bad usage. */
async function checkAdvice(project: string): Promise<void> {
  const { code, stdout, text } = await attempt(["npx", "--no-install", "mobilenets", "classify", PICTURE], project);
  if (code === 2 && stdout === "" && text.includes(ADVICE)) return;
  throw new Error(`npx mobilenets without the command line: exit code ${code}, expected 2 and advice\n${text}`);
}

/** Tests that the library finds the package of weights by its name. */
async function found(project: string): Promise<Answer> {
  return JSON.parse((await run([process.execPath, "require.cjs"], project)).stdout);
}

async function classify(project: string): Promise<Answer> {
  const { stdout } = await run(["npx", "--no-install", "mobilenets", "classify", PICTURE, "--json"], project);
  return JSON.parse(stdout).topK[0];
}

async function versionOf(project: string): Promise<string> {
  return (await run(["npx", "--no-install", "mobilenets", "--version"], project)).stdout.trim();
}
