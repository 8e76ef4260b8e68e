import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { duration } from "../extract/progress.ts";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { Phases } from "../phases.ts";
import { printable } from "../printable.ts";
import { openVectors, type VectorFolder } from "../search/vectors.ts";
import { withFolder } from "../similar/with-folder.ts";
import { grouped } from "../table.ts";

interface MapFlags {
  readonly out: string;
  readonly landmarks: number;
  readonly neighbours: number;
  readonly thumbnail: number;
  readonly seed: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the command `map`, which writes a page with all pictures on a map. */
export function addMap(root: Command): void {
  const command = root
    .command("map")
    .summary("write a page with all pictures on a map, similar ones near each other")
    .description(
      "Write a page that shows all pictures of a folder of `extract` on a map, similar ones near each other, to zoom and to click.",
    )
    .argument("<dir>", "the folder that `extract --out` named")
    .requiredOption("--out <file>", "the page, such as map.html")
    .option("--neighbours <k>", "the most similar pictures that a click shows", toInteger(1, 100), 12)
    .option("--thumbnail <pixels>", "the longer side of the small pictures", toInteger(16, 256), 64)
    .option("--json", "print one JSON object");
  inGroup(command, "How it is laid out:", () =>
    command
      .option("--landmarks <n>", "pictures that UMAP places; the others go beside those", toInteger(5, 20_000), 4000)
      .option("--seed <n>", "another map of the same pictures", toInteger(0, 2 ** 32 - 1), 1),
  );
  inGroup(command, groups.running, () => command.option("--quiet", "no progress on stderr"));
  command.addHelpText("after", help).action(map);
  addExamples(command, [
    ["mobilenets map features --out map.html", "A map of all pictures, in the folder that `extract` wrote"],
    ["mobilenets map store --out map.html --landmarks 8000", "A finer layout, in more time"],
    ["mobilenets map features --out map.html --json", "How many, and how far the map is to be trusted"],
  ]);
}

const help = `
The page shows as many pictures as there is room for, and the others as dots in their colours; closer, there are more.
Up to 6 MB of small pictures lie inside the page; more lie in a folder beside it, some 1.5 kB for each picture.
The same vectors, pictures and options give the same page.

Trustworthiness says how far to believe the map: 1 if pictures that are neighbours on it are neighbours by their
features, about 0.5 if it were at random.

Exit codes: 0 done, 1 the folder could not be read or the page not written, 2 bad usage, 130 interrupted.`;

async function map(dir: string, flags: MapFlags): Promise<void> {
  await withFolder(
    dir,
    await openVectors(dir),
    async () => void (await mkdir(dirname(flags.out), { recursive: true })),
    (folder, signal) => write(folder, flags, signal),
  );
}

async function write(folder: VectorFolder, flags: MapFlags, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  // UMAP and the decoder are slow to load, and the help does not need them.
  const [{ makeMap }, { MapFiles }] = await Promise.all([import("../map/make-map.ts"), import("../map/files.ts")]);
  const files = new MapFiles(flags.out);
  const phases = new Phases(signal, flags.quiet === true, "nothing is written");
  try {
    const made = await makeMap(folder, flags, files, (what, total) => phases.begin(what, total));
    phases.end();
    const { pictures, landmarks, missing, trustworthiness } = made;
    const seconds = (performance.now() - start) / 1000;
    const memoryMb = Math.round(process.resourceUsage().maxRSS / 1000);
    if (missing > 0) {
      const hint = "relative paths count from the folder that `extract` ran in";
      diagnostic(
        `${grouped(missing)} of ${grouped(pictures)} pictures could not be read, the map has grey ones: ${hint}`,
      );
    }
    if (flags.json) {
      const { out } = flags;
      const json = { out, folder: files.folder, pictures, landmarks, missing, trustworthiness, seconds, memoryMb };
      return result(JSON.stringify(json));
    }
    if (trustworthiness !== undefined) diagnostic(`trustworthiness ${trustworthiness.toFixed(4)}, of 1 at best`);
    diagnostic(`${duration(seconds)}, ${grouped(memoryMb)} MB of memory at most`);
    const beside = files.folder === undefined ? "" : `; its small pictures are in ${printable(files.folder)}`;
    await result(
      `${printable(flags.out)}: a map of ${pictures === 1 ? "1 picture" : `${grouped(pictures)} pictures`}${beside}`,
    );
  } catch (error) {
    await files.abandon();
    throw error;
  }
}
