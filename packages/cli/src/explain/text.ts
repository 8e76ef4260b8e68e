import { savingsGrid } from "../savings-table.ts";
import { gridLines } from "../table.ts";
import type { ExplainedNetwork, Lesson } from "./lesson.ts";
import { blockGrid, exampleGrid, gateGrid, networkGrid, nonlinearityGrid } from "./tables.ts";
import { unbroken } from "./units.ts";
import { aboutBlocks, aboutExample, aboutGates, aboutNetworks, aboutNonlinearities, aboutPairs } from "./words.ts";

/** Columns of a paragraph. */
const WIDTH = 100;

/** The lesson as text for the terminal. */
export function lessonText({ network, example, chapters, networks }: Lesson): string {
  const { pairs, blocks, gates, nonlinearities } = chapters;
  const words = aboutExample(example);
  const { standard, separable } = example;
  const chapter = (title: string, ...parts: (readonly string[])[]) => [heading(title), ...parts.filter(isAny)];
  return [
    ...(network ? [[titleOf(pairs)]] : []),
    ...chapter(
      `Why ${standard.weights} becomes ${separable.weights}`,
      prose(words.standard),
      prose(words.separable),
      gridLines(exampleGrid(example)),
    ),
    ...chapter(`The pairs of ${pairs.network}`, prose(aboutPairs(pairs)), gridLines(savingsGrid(pairs.savings))),
    ...chapter(`The blocks of ${blocks.network}`, prose(aboutBlocks(blocks)), gridLines(blockGrid(blocks))),
    ...(gates
      ? chapter(
          `Squeeze-and-excite in ${gates.network}`,
          prose(aboutGates(gates)),
          ...(gates === blocks ? [] : [gridLines(blockGrid(gates))]),
          gridLines(gateGrid(gates)),
        )
      : []),
    ...chapter(
      `Nonlinear functions of ${nonlinearities.network}`,
      prose(aboutNonlinearities(nonlinearities)),
      gridLines(nonlinearityGrid(nonlinearities)),
    ),
    ...chapter("Side by side", prose(aboutNetworks(networks)), gridLines(networkGrid(networks))),
  ]
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const isAny = (lines: readonly string[]) => lines.length > 0;

function titleOf({ network, flavor, inputShape }: ExplainedNetwork): string {
  return `${network}, flavor ${flavor}, input ${inputShape.join("x")}`;
}

function heading(title: string): string[] {
  return [title, "=".repeat(title.length)];
}

function prose(paragraphs: readonly string[]): string[] {
  return paragraphs.flatMap((text, i) => [...(i > 0 ? [""] : []), ...wrapped(text)]);
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of unbroken(text).split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replaceAll("\u00a0", " "));
}
