// `npm run bench:dedupe`: precision and recall of `mobilenets dedupe` on copies of crops of photographs; see README.md.
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { turnsOf } from "../packages/cli/src/dedupe/descriptor.ts";
import { findDuplicates } from "../packages/cli/src/dedupe/find.ts";
import { limitsOf } from "../packages/cli/src/pictures/limits.ts";
import { mapAhead } from "../packages/cli/src/pictures/map-ahead.ts";
import { isPictureName } from "../packages/cli/src/pictures/other-formats.ts";
import { agreement } from "./dedupe/agreement.ts";
import { KINDS, type Kind, type Original, writeCopies, writeOriginals } from "./dedupe/copies.ts";
import { groupVectors } from "./dedupe/vectors.ts";
import { circumstances } from "./machine.ts";
import { keep, preamble, table } from "./report.ts";

/** Debian's packages with photographs. */
const PACKAGES = "plasma-workspace-wallpapers mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04";

const { values } = parseArgs({
  options: {
    /** Folder with the packages of `PACKAGES`, by apt-get install, or apt-get download and dpkg-deb -x. */
    photographs: { type: "string", default: "/usr/share" },
    originals: { type: "string", default: "2000" },
    /** Measures the search for candidates instead, with this many vectors of `dimensions` numbers. */
    vectors: { type: "string" },
    dimensions: { type: "string", default: "1280" },
    quick: { type: "boolean", default: false },
  },
});
const facts = circumstances(`Node ${process.versions.node}`, []);
console.log(preamble(facts));
if (values.vectors !== undefined) {
  await groupVectors(Number(values.vectors), Number(values.dimensions));
  process.exit();
}
const folder = await mkdtemp(join(tmpdir(), "mobilenets-dedupe-"));
try {
  const originals = await writeOriginals(values.photographs, folder, values.quick ? 200 : Number(values.originals));
  if (originals.length < 40) {
    throw new Error(
      `${values.photographs}: ${originals.length} crops of photographs, too few: --photographs FOLDER of Debian's ${PACKAGES}`,
    );
  }
  const written = mapAhead(
    originals.entries(),
    ([seed, one]) => writeCopies(one, folder, KINDS, seed),
    availableParallelism(),
  );
  for await (const _ of written);
  const rows: string[][] = [];
  const upright = KINDS.filter((kind) => kind !== "rotated" && kind !== "mirrored");
  for (const [title, kinds, rotations, mirrors] of [
    ["default", upright, false, false],
    ["--rotations", [...upright, "rotated"], true, false],
    ["--mirrors", [...upright, "mirrored"], false, true],
    ["--rotations --mirrors", KINDS, true, true],
  ] as const) {
    const paths = originals
      .flatMap((one) => [one.path, ...kinds.map((kind) => copyOf(one, kind))])
      .filter(isPictureName);
    const start = performance.now();
    const { groups } = await findDuplicates(paths, {
      turns: turnsOf(rotations, mirrors),
      limits: limitsOf(),
      onProgress: () => {},
    });
    const seconds = (performance.now() - start) / 1000;
    const { precision, recall, missed } = agreement(paths, groups, (path) => basename(path).slice(0, 5));
    const misses = Object.entries(missed).map(([kind, count]) => `${kind} ${count}`);
    const measured = [precision.toFixed(4), recall.toFixed(4), seconds.toFixed(0)];
    rows.push([title, `${paths.length}`, ...measured, misses.join(", ")]);
    console.error(rows.at(-1)?.join("  "));
  }
  console.log(`\n${originals.length} disjoint crops and their copies:\n`);
  console.log(table(["options", "pictures", "precision", "recall", "s", "missed"], rows));
  console.log(`\n${keep("dedupe", facts, { originals: originals.length, rows })}`);
} finally {
  await rm(folder, { recursive: true });
}

function copyOf(original: Original, kind: Kind): string {
  return join(folder, `${original.name}-${kind}.jpg`);
}
