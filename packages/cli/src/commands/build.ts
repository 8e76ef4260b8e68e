import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { OptionError, type Picture } from "mobilenets";
import { buildStandalone, type WeightsType, weightsTypes } from "mobilenets/standalone";
import { compare, type Difference, madePictures } from "../build/compare.ts";
import { addExamples } from "../help/examples.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { diagnostic, result } from "../output.ts";
import { decodeFile } from "../pictures/decode-file.ts";
import { printable } from "../printable.ts";
import { addRunOptions, type RunFlags, weightsSuggestions } from "../run-options.ts";
import { suggest } from "../suggest.ts";
import { grouped } from "../table.ts";
import { writeAtomic } from "../write-atomic.ts";

interface BuildFlags extends RunFlags {
  readonly out: string;
  readonly weightsType: WeightsType;
  readonly kernels: "both" | "simd";
  readonly split?: true;
  readonly try?: readonly string[];
  readonly json?: true;
}

/** Adds the command `build`, which writes a network as one JavaScript file that runs anywhere. */
export function addBuild(root: Command): void {
  const command = root
    .command("build")
    .summary("write a network as one JavaScript file that runs anywhere")
    .description(
      "Write a network as one ES module with kernels, weights, labels and preprocessing inside, and its types beside it. It exports classify and embed, and needs nothing else in browsers, Node, Deno, Bun and, with --split, Workers.",
    )
    .argument("<weights>", "a file or a name of weights")
    .option("--out <file>", "the module to write, .js or .mjs", "classifier.js")
    .addOption(
      new Option("--weights-type <type>", "how weights are stored: float16 halves the file, int8 quarters it")
        .choices(weightsTypes)
        .default("float32"),
    )
    .option("--no-top", "leave the classifier out: features only")
    .option("--split", "write kernels and weights to files of their own, .wasm and .bin, and a module for Workers")
    .addOption(
      new Option("--kernels <which>", "both instruction sets, or plain SIMD alone: some 115 kB less, and slower")
        .choices(["both", "simd"])
        .default("both"),
    )
    .option("--try <images...>", "pictures to compare the file's results on (default: 4 generated ones)")
    .option("--json", "print one JSON object");
  suggest(command.registeredArguments[0], weightsSuggestions, { files: true });
  addRunOptions(command, { weights: false, limits: false })
    .addHelpText("after", "\nExit codes: 0 done, 1 the job failed, 2 bad usage.")
    .action(build);
  addExamples(command, [
    ["mobilenets build fashion-mnist", "classifier.js, with weights by name"],
    [
      "mobilenets build model.onnx --out features.mjs --weights-type float16 --no-top",
      "Features alone, at half the size",
    ],
    [
      "mobilenets build imagenet --out dist/photos.js --split",
      "photos.js, .wasm and .bin: for Workers, and for caches",
    ],
  ]);
}

async function build(source: string, flags: BuildFlags): Promise<void> {
  const { out, weightsType, kernels, split = false } = flags;
  if (!/[^/\\]\.m?js$/.test(out)) {
    throw new OptionError({ where: "--out", found: out, expected: "a file that ends in .js or .mjs" });
  }
  // `--no-top` leaves the classifier out of the file, not out of the loaded model.
  const model = await loadModel({ ...flags, top: undefined, weights: source });
  try {
    announcePipeline(model);
    const options = { file: basename(out), weightsType, kernels, split, classify: flags.top !== false };
    const built = await buildStandalone(model, options);
    const { classes, features, files } = built;
    const pictures = flags.try ? opened(flags.try) : madePictures();
    const difference = await compare(model, built, pictures, weightsType === "float32");
    const written = Object.entries(files).map(([name, { length }]) => ({
      path: join(dirname(out), name),
      bytes: length,
    }));
    await checkPlaces(written.map(({ path }) => path));
    await mkdir(dirname(out), { recursive: true });
    // The module is written last, so an incomplete build has none.
    for (const { path } of [...written].reverse()) await writeAtomic(path, files[basename(path)]);
    if (flags.json) {
      return await result(
        JSON.stringify({ out, network: model.name, classes, features, weightsType, files: written, difference }),
      );
    }
    diagnostic(`${model.name}: ${classes > 0 ? `${grouped(classes)} classes, ` : ""}${grouped(features)} features`);
    diagnostic(differenceLine(difference, weightsType));
    for (const { path, bytes } of written) diagnostic(`${grouped(bytes).padStart(12)} bytes  ${printable(path)}`);
    for (const line of snippet(basename(out), classes > 0)) diagnostic(line);
    return await result(printable(out));
  } finally {
    model.dispose();
  }
}

/** Opens one picture at a time, as photographs take memory. */
async function* opened(paths: readonly string[]): AsyncGenerator<Picture> {
  for (const path of paths) yield await decodeFile(path);
}

/**
 * A build replaces an earlier one. Without the earlier module, a file with the name of one of the other files is not
 * from a build. It may hold the source weights.
 * @throws OptionError for such a file
 */
async function checkPlaces([module, ...others]: readonly string[]): Promise<void> {
  const isThere = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined;
  if (await isThere(module)) return;
  for (const path of others) {
    if (!(await isThere(path))) continue;
    const found = `a name that would overwrite ${path}, which is not from a build, as ${module} is missing`;
    throw new OptionError({ where: "--out", found, expected: "another name" });
  }
}

/** Reports how much the stored weights change the results. */
function differenceLine({ pictures, sameBest, probability, feature, cosine }: Difference, type: WeightsType): string {
  const compared = `weights as ${type}; compared on ${pictures === 1 ? "1 picture" : `${pictures} pictures`}: `;
  if (feature === 0 && !probability) return `${compared}the network's own numbers`;
  const features = `features differ by at most ${feature.toPrecision(2)} of the largest, cosine ${cosine.toFixed(6)}`;
  if (probability === null) return compared + features;
  return `${compared}the same best class on ${sameBest}, probabilities differ by at most ${probability.toPrecision(2)}, ${features}`;
}

function snippet(file: string, hasClasses: boolean): string[] {
  const name = JSON.stringify(`./${file}`);
  return hasClasses
    ? [`  import { classify } from ${name};`, "  const [best] = await classify(picture);"]
    : [`  import { embed } from ${name};`, "  const features = await embed(picture);"];
}
