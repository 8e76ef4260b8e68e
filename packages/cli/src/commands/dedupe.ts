import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { ImageError, MobileNetsError, OptionError } from "mobilenets";
import { DEFAULT_LEAST } from "../dedupe/copies.ts";
import { turnsOf } from "../dedupe/descriptor.ts";
import { distinctFiles } from "../dedupe/distinct.ts";
import { type DuplicateGroup, type Found, findDuplicates } from "../dedupe/find.ts";
import { reportPage } from "../dedupe/report.ts";
import { moveToTrash, UNDO, undo } from "../dedupe/trash.ts";
import { ProgressDisplay } from "../extract/progress.ts";
import { addExamples } from "../help/examples.ts";
import { groups as headings, inGroup } from "../help/groups.ts";
import { toNumber } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { type LimitFlags, limitsOf } from "../pictures/limits.ts";
import { isOutside, walk } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { withRunLock } from "../run-lock.ts";
import { Interrupted } from "../similar/search-progress.ts";
import { untilInterrupted } from "../similar/with-folder.ts";
import { grouped } from "../table.ts";
import { writeAtomic } from "../write-atomic.ts";

interface DedupeFlags extends LimitFlags {
  readonly exact?: true;
  readonly rotations?: true;
  readonly mirrors?: true;
  readonly min: number;
  readonly keep: "best";
  readonly apply?: true;
  readonly trash: string;
  readonly undo?: true;
  readonly html?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the command `dedupe`, which finds exact and near copies of pictures. */
export function addDedupe(root: Command): void {
  const command = root
    .command("dedupe")
    .summary("find copies of pictures, exact and near, and move them to a trash folder if asked")
    .description("Find copies of pictures, exact and near. Nothing is moved without --apply.")
    .argument("[inputs...]", "picture files, folders (searched at every depth) and globs")
    .option("--exact", "only files of the same bytes")
    .option("--rotations", "also copies turned by 90, 180 or 270 degrees")
    .option("--mirrors", "also copies mirrored left to right or upside down")
    .option("--min <likeness>", "least correlation of copies, 0.5 to 1", toNumber, DEFAULT_LEAST)
    .option("--html <file>", "write a page with the pictures of each group")
    .option("--json", "print one JSON object per group, a line each");
  inGroup(command, "Clearing up:", () =>
    command
      .addOption(
        new Option("--keep <which>", "what stays: best is resolution, then EXIF, then bytes")
          .choices(["best"])
          .default("best"),
      )
      .option("--apply", "move the copies of the kept one to the trash folder")
      .option("--trash <dir>", "the trash folder (default: mobilenets-trash)", "mobilenets-trash")
      .option("--undo", "bring back what is in the trash folder"),
  );
  inGroup(command, headings.running, () => command.option("--quiet", "no progress on stderr"));
  command.addHelpText("after", help).action(dedupe);
  addExamples(command, [
    ["mobilenets dedupe photos --html copies.html", "A page with the copies among all pictures of a folder"],
    ["mobilenets dedupe photos --rotations --mirrors --json", "Turned and mirrored ones too, for other programs"],
    ["mobilenets dedupe photos --exact --apply --trash trash", "Keep one of each file; --undo brings the others back"],
  ]);
}

const help = `
Pictures are compared upright, by small grey copies that are moved and stretched until they fit: a copy may be resized,
compressed, cropped by some per cent, or brighter or darker. No network is needed. Of each group the first is kept, and
its copies are moved. Links to a picture are no copies.

With --apply, ${UNDO} in the trash folder says where every file was, and is written before the file is moved.

Exit codes: 0 done (with or without copies), 1 a picture could not be read or moved, 2 bad usage, 130 interrupted.`;

async function dedupe(inputs: string[], flags: DedupeFlags): Promise<void> {
  checkUsage(inputs, flags);
  if (flags.undo) return bringBack(flags);
  const paths = await picturePaths(inputs, flags.trash);
  if (flags.html !== undefined) await mkdir(dirname(flags.html), { recursive: true });
  await untilInterrupted((signal) => run(paths, flags, signal));
}

/** @throws OptionError for conflicting arguments */
function checkUsage(inputs: readonly string[], { undo: back, apply, min }: DedupeFlags): void {
  if (back && (inputs.length > 0 || apply)) {
    const found = apply ? "--apply too" : "pictures too";
    throw new OptionError({ where: "--undo", found, expected: "--trash DIR alone: the folder knows what it holds" });
  }
  if (!back && inputs.length === 0) {
    const expected = "files, folders or globs";
    throw new OptionError({ where: "dedupe", found: "no pictures", expected, hint: "mobilenets dedupe photos" });
  }
  const outside = inputs.find(isOutside);
  if (outside !== undefined) {
    throw new OptionError({
      where: "dedupe",
      found: printable(outside),
      expected: "files, folders or globs of this machine",
    });
  }
  if (!(min >= 0.5 && min <= 1)) throw new OptionError({ where: "--min", found: `${min}`, expected: "0.5 to 1" });
}

/** Lists the pictures, each file once. */
async function picturePaths(inputs: readonly string[], trash: string): Promise<readonly string[]> {
  const names = (await walk(inputs)).flatMap((input) => {
    if (typeof input === "string") return [input];
    process.exitCode = 1;
    diagnostic(`error: ${input.error.message}`);
    return [];
  });
  const { paths, links } = await distinctFiles(names, trash);
  if (links > 0) {
    diagnostic(
      `${grouped(links)} ${links === 1 ? "name is a link" : "names are links"} to another picture, and left out`,
    );
  }
  if (paths.length > 0) return paths;
  const hint = names.length > 0 ? `all are in the trash folder ${printable(trash)}; --trash names another` : undefined;
  throw new ImageError({ where: printable(inputs.join(" ")), found: "no pictures", hint });
}

async function run(paths: readonly string[], flags: DedupeFlags, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const found = await find(paths, flags, signal);
  for (const { error } of found.unreadable) {
    process.exitCode = 1;
    diagnostic(`error: ${error.message}`);
  }
  // Groups come by name, in the same order on every run.
  const groups = [...found.groups].sort((a, b) => (a.pictures[0].path < b.pictures[0].path ? -1 : 1));
  for (const group of groups) await print(group, flags);
  if (groups.length === 0 && !flags.json && flags.html === undefined) await result("no copies");
  const copies = groups.reduce((sum, { pictures }) => sum + pictures.length - 1, 0);
  const bytes = groups.reduce(
    (sum, { pictures }) => sum + pictures.slice(1).reduce((all, one) => all + one.bytes, 0),
    0,
  );
  const line = `${grouped(found.pictures)} pictures, ${grouped(groups.length)} ${groups.length === 1 ? "group" : "groups"} with ${grouped(copies)} ${copies === 1 ? "copy" : "copies"} (${(bytes / 1e6).toFixed(1)} MB), ${((performance.now() - start) / 1000).toFixed(1)} s`;
  if (flags.html !== undefined) {
    await writeAtomic(flags.html, await reportPage(groups, `${line}.`, signal));
    if (!flags.json) await result(printable(flags.html));
  }
  diagnostic(line);
  if (flags.apply) await apply(groups, flags, signal);
  else if (copies > 0)
    diagnostic("nothing was moved; --apply moves the copies of the first of each group to the trash folder");
}

function find(paths: readonly string[], flags: DedupeFlags, signal: AbortSignal): Promise<Found> {
  let display: ProgressDisplay | undefined;
  let phase = "";
  return findDuplicates(paths, {
    turns: turnsOf(flags.rotations === true, flags.mirrors === true),
    least: flags.min,
    exactOnly: flags.exact === true,
    limits: limitsOf(flags),
    onProgress(now, done, total, failed) {
      if (signal.aborted) {
        display?.clear();
        throw new Interrupted(
          `interrupted: ${grouped(done)} of ${grouped(total)} pictures are ${now === "read" ? "read" : "compared"}; nothing was moved`,
        );
      }
      if (flags.quiet) return;
      if (phase !== now) {
        display?.clear();
        display = new ProgressDisplay(process.stderr, total, 0);
        phase = now;
      }
      if (done < total) display?.update(done, failed);
      else display?.clear();
    },
  });
}

async function print({ kind, pictures }: DuplicateGroup, { json, html }: DedupeFlags): Promise<void> {
  if (json) return result(JSON.stringify({ kind, keep: pictures[0].path, pictures }));
  if (html !== undefined) return;
  const [best, ...others] = pictures;
  const lines = others.map((one) => `  ${one.similarity.toFixed(4)}  ${printable(one.path)}`);
  await result([printable(best.path), ...lines].join("\n"));
}

/** Moves the copies of each group's first picture. */
async function apply(groups: readonly DuplicateGroup[], { trash }: DedupeFlags, signal: AbortSignal): Promise<void> {
  const named = printable(trash);
  const hint = `mobilenets dedupe --undo --trash ${named} brings them back`;
  const moves = groups.flatMap(({ pictures: [kept, ...others] }) => others.map((one) => ({ one, kept })));
  // A copy of a copy may show what the kept picture does not.
  const copies = moves.filter(({ one }) => one.similarity > 0);
  let moved = 0;
  const moveAll = async () => {
    for (const { one, kept } of copies) {
      if (signal.aborted) throw new Interrupted(`interrupted: ${grouped(moved)} files are moved; ${hint}`);
      try {
        await moveToTrash(one, kept, trash);
        moved++;
      } catch (error) {
        // A file that cannot be moved does not stop the others.
        if (!MobileNetsError.is(error) && !(error instanceof Error && "syscall" in error)) throw error;
        process.exitCode = 1;
        diagnostic(`error: ${error.message}`);
      }
    }
  };
  if (copies.length > 0) await withRunLock(trash, moveAll);
  diagnostic(moved > 0 ? `${grouped(moved)} files moved to ${named}; ${hint}` : "nothing was moved");
  const rest = moves.length - copies.length;
  if (rest > 0) {
    diagnostic(
      `${grouped(rest)} ${rest === 1 ? "stays" : "stay"}: like another one of their group, and not like the kept one`,
    );
  }
}

async function bringBack({ trash }: DedupeFlags): Promise<void> {
  const { restored, left } = await undo(trash);
  for (const { path, reason } of left) {
    process.exitCode = 1;
    diagnostic(`error: ${path}: not brought back, as ${reason}`);
  }
  await result(`${grouped(restored)} files brought back from ${printable(trash)}`);
}
