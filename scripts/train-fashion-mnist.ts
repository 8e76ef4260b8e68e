// Trains one of the shipped networks again: unpacks Fashion-MNIST, trains by its recipe, evaluates on the test set.
// Usage: npx tsx scripts/train-fashion-mnist.ts <recipe> [--dir fashion-mnist], with a recipe of recipes/fashion-mnist/,
// e.g. mobilenet_v1. Interrupted, run it again: it goes on where it was.
import { spawn } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unpackFashionMnist } from "./unpack-fashion-mnist.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const recipes = join(root, "recipes/fashion-mnist");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: "string", default: "fashion-mnist" } },
});
const [name] = positionals;
const known = (await readdir(recipes)).flatMap((file) => (file.endsWith(".json") ? [basename(file, ".json")] : []));
if (!known.includes(name)) {
  console.error(`recipe ${name ?? "(none)"}: expected one of ${known.join(", ")}`);
  process.exit(2);
}

const pictures = join(values.dir, "pictures");
const run = join(values.dir, name);
console.error(`unpacking Fashion-MNIST to ${pictures}`);
await unpackFashionMnist(pictures);

const begun = await access(join(run, "run.json")).then(
  () => true,
  () => false,
);
const train = begun ? ["--resume"] : [join(pictures, "train"), "--recipe", join(recipes, `${name}.json`)];
await mobilenets("train", ...train, "--out", run);
await mobilenets("evaluate", join(pictures, "test"), "--weights", join(run, "model.safetensors"));

async function mobilenets(...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, "packages/cli/bin/mobilenets.js"), ...args], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  if (code !== 0) process.exit(code ?? 1);
}
