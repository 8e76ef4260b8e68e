import { type Command, Option } from "commander";
import { flavors, OptionError } from "mobilenets";
import { cachePath, fetchPublished, readCached } from "mobilenets/store";
import { type Published, published, publishedByName, readWeightFile } from "mobilenets/weights";
import { downloadProgress } from "../download-progress.ts";
import { networkOption } from "../network-choice.ts";
import { diagnostic, result } from "../output.ts";
import { report } from "../report.ts";
import { table } from "../table.ts";

export function addWeights(root: Command): void {
  const weights = root.command("weights").description("Published ImageNet weights: list, fetch and check them.");
  weights
    .command("list")
    .description("List the files there are, and which of them are cached.")
    .addOption(networkOption("only of this network"))
    .addOption(new Option("--flavor <name>", "only of this flavor").choices(flavors))
    .option("--json", "print one JSON object per file, a line each")
    .action(list);
  weights
    .command("pull")
    .description("Fetch files into the cache. What is there already is checked, what is half there continued.")
    .argument("<name...>", "as `weights list` has them")
    .option("--offline", "only check that they are cached")
    .option("--json", "print one JSON object per file, a line each")
    .action(pull);
  weights
    .command("path")
    .description("Print where a file lies in the cache, or would.")
    .argument("<name>", "as `weights list` has it")
    .option("--json", "print one JSON object")
    .action(path);
  weights
    .command("verify")
    .description("Check cached files against their checksums.")
    .argument("[name...]", "default: all that are cached")
    .option("--json", "print one JSON object per file, a line each")
    .action(verify);
}

interface JsonFlag {
  readonly json?: true;
}

async function list(flags: JsonFlag & { readonly network?: string; readonly flavor?: string }): Promise<void> {
  const files = published.filter(
    ({ network, options }) =>
      (!flags.network || network === flags.network) && (!flags.flavor || options.flavor === flags.flavor),
  );
  const rows = await Promise.all(files.map(async (file) => ({ file, cached: await isCached(file) })));
  if (flags.json) {
    for (const { file, cached } of rows) await result(JSON.stringify({ ...file, cached }));
    return;
  }
  const header = ["name", "network", "flavor", "alpha", "size", "classifier", "cached"];
  const body = rows.map(({ file: { name, network, options }, cached }) => [
    name,
    network,
    options.flavor,
    String(options.alpha),
    String(options.inputShape?.[0] ?? 224),
    options.includeTop === false ? "no" : "yes",
    cached ? "yes" : "",
  ]);
  await result(table([header, ...body], "lllrrll").join("\n"));
}

async function pull(names: readonly string[], flags: JsonFlag & { readonly offline?: true }): Promise<void> {
  await each(names.map(byName), flags, async (file) => {
    const { bytes, url } = await fetchPublished(
      file,
      { offline: flags.offline, onProgress: downloadProgress() },
      verifierOf(file),
    );
    return { bytes: bytes.length, url };
  });
}

async function path(name: string, flags: JsonFlag): Promise<void> {
  const file = byName(name);
  const cached = await isCached(file);
  if (flags.json) return result(JSON.stringify({ name, path: cachePath(file), cached }));
  if (!cached) diagnostic(`${name} is not cached: mobilenets weights pull ${name}`);
  return result(cachePath(file));
}

async function verify(names: readonly string[], flags: JsonFlag): Promise<void> {
  const files = names.length > 0 ? names.map(byName) : published;
  await each(files, flags, async (file) => {
    const cached = await readCached(file, verifierOf(file));
    if (cached) return { bytes: cached.bytes.length, url: cached.url };
    if (names.length === 0) return null;
    throw new OptionError({ where: file.name, found: "not cached", hint: `mobilenets weights pull ${file.name}` });
  });
}

/** Works through files, one after the other; one that fails does not keep the others from their turn. */
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

function byName(name: string): Published {
  const file = publishedByName(name);
  if (file) return file;
  throw new OptionError({
    where: name,
    found: "no published weights of this name",
    hint: "mobilenets weights list shows all",
  });
}

/** Reads a file as `load()` would. */
function verifierOf(file: Published): (bytes: Uint8Array, url: string) => Promise<void> {
  return async (bytes, url) => void (await readWeightFile(bytes, url, file));
}

async function isCached(file: Published): Promise<boolean> {
  return (await readCached(file, async () => {}).catch(() => null)) !== null;
}
