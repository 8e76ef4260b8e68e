import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { type NetworkName, OptionError } from "mobilenets";
import { type Lesson, lessonOf, wholeLesson } from "../explain/lesson.ts";
import { lessonText } from "../explain/text.ts";
import { bytes } from "../explain/units.ts";
import { addExamples } from "../help/examples.ts";
import { networkArgument } from "../network-choice.ts";
import { addNetworkOptions, addTopOptions, modelOptions, type NetworkFlags } from "../network-options.ts";
import { diagnostic, result } from "../output.ts";
import { printable } from "../printable.ts";
import { savingsJson } from "../savings-table.ts";
import { writeAtomic } from "../write-atomic.ts";

interface ExplainFlags extends NetworkFlags {
  readonly html?: string;
  readonly json?: true;
}

/** Adds the command `explain`, which explains why MobileNets are small. */
export function addExplain(root: Command): void {
  const command = root
    .command("explain")
    .summary("why MobileNets are small: the lesson, or one network's numbers")
    .description(
      "Explain why MobileNets are small and fast: depthwise-separable convolutions, inverted residuals, linear bottlenecks, squeeze-and-excite and h-swish, with what each costs. With a network, its own pairs and blocks.",
    )
    .addArgument(
      networkArgument("one network in all chapters; without it, each idea by the first network that has it", true),
    )
    .option("--html <file>", "write a page with drawings, which needs nothing beside itself")
    .option("--json", "print one JSON object");
  addTopOptions(addNetworkOptions(command)).action(run);
  addExamples(command, [
    ["mobilenets explain", "The lesson: 108 weights become 39, and what V1, V2 and V3 make of it"],
    ["mobilenets explain --html lesson.html", "The same as a page with drawings"],
    ["mobilenets explain mobilenet_v2 --alpha 0.5 --size 160", "The pairs and blocks of one network"],
    ["mobilenets explain mobilenet_v3_small --json", "For other programs"],
  ]);
}

async function run(network: NetworkName | undefined, flags: ExplainFlags): Promise<void> {
  const lesson = network ? lessonOf(network, modelOptions(flags)) : wholeLesson(modelOptions(sharedFlags(flags)));
  if (flags.html !== undefined) {
    // The library for the drawings takes longer to load than the rest takes to run.
    const { lessonPage } = await import("../explain/page/page.ts");
    const page = lessonPage(lesson);
    await mkdir(dirname(flags.html), { recursive: true });
    await writeAtomic(flags.html, page);
    diagnostic(`a page of ${bytes(Buffer.byteLength(page))}: open it in a browser`);
    if (!flags.json) return result(printable(flags.html));
  }
  return result(flags.json ? JSON.stringify(lessonJson(lesson)) : lessonText(lesson));
}

/** @throws OptionError for an option that only one network has */
function sharedFlags(flags: ExplainFlags): ExplainFlags {
  for (const [flag, option, network] of [
    ["depthMultiplier", "--depth-multiplier", "mobilenet_v1"],
    ["minimalistic", "--minimalistic", "mobilenet_v3_small"],
  ] as const) {
    if (flags[flag] === undefined) continue;
    const hint = `mobilenets explain ${network} ${option}${flag === "minimalistic" ? "" : ` ${flags[flag]}`}`;
    throw new OptionError({ where: option, found: "no network", expected: "a network that has this option", hint });
  }
  return flags;
}

/** The example and the comparison. With a network, also its own facts. */
function lessonJson({ network, example, chapters, networks }: Lesson): object {
  if (!network) return { example, networks };
  const { savings, ...facts } = chapters.pairs;
  return { ...facts, savings: savingsJson(savings), example, networks };
}
