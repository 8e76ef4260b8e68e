// Retrains one of the shipped networks: unpacks Fashion-MNIST, trains by its recipe, evaluates on the test set.
// Usage: npx tsx scripts/train-fashion-mnist.ts <recipe> [--dir fashion-mnist], with a recipe of recipes/fashion-mnist/,
// e.g. mobilenet_v1. Run it again after an interruption: it resumes.
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mobilenets } from "./mobilenets.ts";
import { unpackFashionMnist } from "./unpack-fashion-mnist.ts";

const recipes = fileURLToPath(new URL("../recipes/fashion-mnist", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: "string", default: "fashion-mnist" } },
});
const [name] = positionals;
// The folder also has `.log.jsonl` and `.test.json` of each `<recipe>.json`.
const known = (await readdir(recipes)).flatMap((file) => /^(\w+)\.json$/.exec(file)?.[1] ?? []);
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
